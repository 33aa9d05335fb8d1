import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { findServer } from '../../scripts/valkey-server.mjs';

const require = createRequire(import.meta.url);

/** What the figures were measured on. */
export function machine() {
  const processors = cpus();
  return {
    processor: `${processors.length} × ${processors[0]?.model.trim() || process.arch}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    server: serverVersion(),
    libraries: libraries(),
    date: new Date().toISOString().slice(0, 10),
  };
}

function serverVersion() {
  const { path, env } = findServer('valkey-server');
  if (path === undefined) return 'none';
  const said = execFileSync(path, ['--version'], { encoding: 'utf8', env: { ...process.env, ...env } });
  return `valkey ${/v=(\S+)/.exec(said)?.[1]}`;
}

function libraries() {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return Object.keys(devDependencies)
    .map((name) => `${name} ${versionOf(name)}`)
    .join(', ');
}

/** Not every library lets its package.json be resolved. */
function versionOf(name) {
  const folder = require.resolve.paths(name).map((path) => `${path}/${name}/package.json`);
  for (const path of folder) {
    try {
      return JSON.parse(readFileSync(path, 'utf8')).version;
    } catch {
      // The next place is looked at.
    }
  }
  return 'unknown';
}
