import { InvalidOptionError } from '@cloudiful-scheduler/core';
import type { ValkeyEndpoint } from './client.js';

/** Refuses anything but an options object with known names. */
export function checkOptionNames(path: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(path, options, 'an object');
  }
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name))
      throw new InvalidOptionError(`${path}.${name}`, value, `one of ${known.join(', ')}`);
  }
}

/** Refuses anything but a whole number in `[min, max]`. */
export function checkMilliseconds(path: string, value: unknown, min: number, max = 2 ** 31 - 1): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(path, value, `a whole number of milliseconds from ${min} to ${max}`);
  }
  return value;
}

/** Refuses anything but a string. */
export function checkString(path: string, value: unknown): string {
  if (typeof value !== 'string') throw new InvalidOptionError(path, value, 'a string');
  return value;
}

/** What may be shown of a value: a text or an object may hold a password. */
function redacted(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^([a-z]+:\/\/)?[^]*$/i, '$1…');
  return typeof value === 'object' && value !== null ? {} : value;
}

const METHODS = ['getBuffer', 'del', 'evalsha', 'eval'] as const;

/**
 * Refuses anything but one client or one URL. No part of a URL but its protocol is shown, since it may hold a
 * password. `options` are the names that belong into the argument after it.
 */
export function checkEndpoint(path: string, endpoint: unknown, options: readonly string[]): ValkeyEndpoint {
  if (typeof endpoint !== 'object' || endpoint === null || Array.isArray(endpoint)) {
    throw new InvalidOptionError(path, redacted(endpoint), 'an object with client or url');
  }
  for (const [name, value] of Object.entries(endpoint)) {
    if (name === 'client' || name === 'url') continue;
    const allowed = options.includes(name)
      ? `client or url; ${name} is an option of the second argument`
      : 'one of client, url';
    throw new InvalidOptionError(`${path}.${name}`, redacted(value), allowed);
  }
  const { client, url } = endpoint as { client?: unknown; url?: unknown };
  if ((client === undefined) === (url === undefined)) {
    throw new InvalidOptionError(path, redacted(endpoint), 'an object with either client or url');
  }
  if (client !== undefined) {
    for (const method of METHODS) {
      if (typeof (client as Record<string, unknown> | null)?.[method] !== 'function') {
        throw new InvalidOptionError(`${path}.client`, client, 'a client of iovalkey (Redis or Cluster)');
      }
    }
  } else {
    checkUrl(`${path}.url`, url);
  }
  return endpoint as ValkeyEndpoint;
}

function checkUrl(path: string, value: unknown): void {
  const parsed = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (
    parsed === undefined ||
    parsed.hostname === '' ||
    !['valkey:', 'valkeys:', 'redis:', 'rediss:'].includes(parsed.protocol)
  ) {
    throw new InvalidOptionError(path, redacted(value), 'a URL such as valkey://host:6379');
  }
  if (!/^\/?\d*$/.test(parsed.pathname)) {
    const allowed = 'a URL without a path, or with the number of a database as in valkey://host:6379/2';
    throw new InvalidOptionError(path, redacted(value), allowed);
  }
}
