import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSkipped, ownServer } from '@cloudiful-scheduler/valkey-testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const packages = ['core', 'store-valkey', 'guard-valkey', 'valkey-connection'];
let built: string;

beforeAll(async () => {
  // Beside the sources, so that what is not bundled is found.
  built = await mkdtemp(join(source('.'), 'node_modules/.built-'));
  await build({
    entryPoints: [source('instance.mjs')],
    outfile: join(built, 'instance.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['iovalkey'],
    alias: Object.fromEntries(
      packages.map((name) => [`@cloudiful-scheduler/${name}`, source(`../../packages/${name}/src/index.ts`)]),
    ),
  });
});
afterAll(() => rm(built, { recursive: true, force: true }));

describe.skipIf(isSkipped(ownServer()))('two instances', () => {
  it('lose nothing and finish nothing twice when one is killed', async () => {
    const child = spawn(process.execPath, [source('main.mjs')], {
      env: { ...process.env, INSTANCE_PROGRAM: join(built, 'instance.mjs') },
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(output).toMatch(/is killed in the middle of a run/);
    expect(output).toMatch(/started attempt 2, [AB] finished/);
    expect(output).toMatch(/0 lost, 0 finished twice/);
    expect(code).toBe(0);
  });
});
