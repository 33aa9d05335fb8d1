import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixtures } from './support.js';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'task-worker #%20 ')); // as odd as paths may be

beforeAll(async () => {
  for (const name of ['worker', 'node_modules']) {
    symlinkSync(join(packages, 'task-worker', name), join(folder, name), 'junction');
  }
  for (const [format, outfile] of [
    ['esm', 'lib/index.mjs'],
    ['cjs', 'lib/index.cjs'],
  ] as const) {
    await build({
      entryPoints: [join(packages, 'task-worker/src/index.ts')],
      bundle: true,
      platform: 'node',
      format,
      outfile: join(folder, outfile),
      external: ['piscina'],
      alias: { '@cloudiful-scheduler/core': join(packages, 'core/src/index.ts') },
      logLevel: 'error',
      logOverride: { 'empty-import-meta': 'silent' },
    });
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['main.mjs', "import { workerTask } from './lib/index.mjs';"],
  ['main.cjs', "const { workerTask } = require('./lib/index.cjs');"],
])('%s: a thread without a run does not keep the process alive', (name, load) => {
  const program = join(folder, name);
  writeFileSync(
    program,
    `${load}
     const task = workerTask(new URL(${JSON.stringify(fixtures.tasks.href)}), { export: 'thread' });
     const context = { run: {}, signal: new AbortController().signal };
     task(context).then((id) => console.log(id > 0));`,
  );
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});
