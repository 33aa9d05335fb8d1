import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, expect, it } from 'vitest';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'node-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('the cases register with node:test as well', async () => {
  const program = `
    import { test } from 'node:test';
    import { InMemoryStateStore } from '@cloudiful-scheduler/core';
    import { stateStoreConformance } from '@cloudiful-scheduler/testkit';
    const right = { create: () => new InMemoryStateStore() };
    const wrong = { create: () => Object.assign(new InMemoryStateStore(), { delete: async () => {} }) };
    for (const { layer, name, run } of stateStoreConformance(right)) test('right ' + layer + ': ' + name, run);
    for (const { layer, name, run } of stateStoreConformance(wrong)) test('wrong ' + layer + ': ' + name, run);
  `;
  writeFileSync(join(folder, 'cases.mjs'), program);
  await build({
    entryPoints: [join(folder, 'cases.mjs')],
    outfile: join(folder, 'bundle.test.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: {
      '@cloudiful-scheduler/core': source('../../core/src/index.ts'),
      '@cloudiful-scheduler/testkit': source('../src/index.ts'),
    },
  });
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['--test-reporter=tap', join(folder, 'bundle.test.mjs')], {
    encoding: 'utf8',
    env,
  });
  const lines = stdout.split('\n');
  expect(lines.filter((line) => line.startsWith('ok')).length).toBeGreaterThan(20);
  expect(lines.filter((line) => /^not ok \d+ - right/.test(line))).toEqual([]);
  expect(lines.filter((line) => /^not ok \d+ - wrong deletion/.test(line)).length).toBeGreaterThan(1);
});
