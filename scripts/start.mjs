// Runs the quickstart: sets up, builds what it needs if the sources are newer, and starts the example.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

run('setup.mjs');
const stale = ['core', 'store-file'].filter(isStale);
if (stale.length > 0) {
  console.log('Building…');
  run('build.mjs', ...stale);
}

const example = spawn(process.execPath, [join(root, 'examples/ingest-host-metrics/main.mjs')], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => example.kill(signal));
example.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

function isStale(name) {
  const built = join(root, 'packages', name, 'dist/index.d.cts');
  return !existsSync(built) || newestIn(join(root, 'packages', name, 'src')) > statSync(built).mtimeMs;
}

function newestIn(directory) {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
