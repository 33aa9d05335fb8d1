import { describe } from 'vitest';
import { findServer, SERVER_NAMES } from '../../../scripts/valkey-server.mjs';

/** A server to test against. */
export interface Flavour {
  /** What the tests call it. */
  readonly name: string;
  /** The program to start; absent for the server that VALKEY_URL names. */
  readonly program?: string;
  /** Why there is none; the tests then skip. */
  readonly missing?: string;
}

const REQUIRED = process.env['REQUIRE_VALKEY'] === '1';

/**
 * Repeats tests that need nothing but a server on the one at VALKEY_URL, or else on each program that there
 * is; those that are missing are skipped.
 */
export function describeOnEachServer(title: string, tests: (flavour: Flavour) => void): void {
  const flavours =
    process.env['VALKEY_URL'] === undefined ? SERVER_NAMES.map(programFlavour) : [{ name: 'VALKEY_URL' }];
  for (const flavour of flavours) {
    describe.skipIf(isSkipped(flavour))(`${title} on ${flavour.name}`, () => tests(flavour));
  }
}

/** The server for tests that start, stop and configure their own. */
export function ownServer(): Flavour {
  const found = SERVER_NAMES.map(programFlavour);
  return found.find(({ missing }) => missing === undefined) ?? (found[0] as Flavour);
}

/**
 * Whether the tests of a flavour are to be skipped, which is said once. With REQUIRE_VALKEY=1 nothing is
 * skipped: that throws.
 */
export function isSkipped({ missing }: Flavour): boolean {
  if (missing === undefined) return false;
  const advice = `${missing}. Install it, or set VALKEY_URL to the URL of a server that the tests may write to.`;
  if (REQUIRED) throw new Error(advice);
  console.warn(`Skipped: ${advice}`);
  return true;
}

function programFlavour(program: string): Flavour {
  const { missing } = findServer(program);
  return missing === undefined ? { name: program, program } : { name: program, missing };
}
