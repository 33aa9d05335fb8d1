// Other versions of Node, Bun and Deno, as their npm packages, in the cache folder of this repository.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../node_modules/.cache/runtimes/', import.meta.url));

/** The runtimes that are tested, by the names of their packages. */
const VERSIONS = {
  'node20.19': 'node@20.19.0', // the oldest that is supported
  node20: 'node@20.20.2',
  node22: 'node@22.23.3',
  node24: 'node@24.21.0',
  bun: 'bun@1.4.5',
  deno: 'deno@2.9.6',
};

/** The path of the program of a runtime: of the Node that runs this when it is wanted, otherwise installed at first use. */
export function findRuntime(name) {
  if (name === `node${process.versions.node.split('.')[0]}`) return process.execPath;
  const wanted = VERSIONS[name];
  if (wanted === undefined) throw new Error(`${name} is none of ${Object.keys(VERSIONS).join(', ')}`);
  const folder = join(CACHE, wanted);
  if (!existsSync(folder)) install(wanted, folder);
  return join(folder, 'node_modules/.bin', wanted.split('@')[0]);
}

function install(wanted, folder) {
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'install-'));
  try {
    writeFileSync(join(work, 'package.json'), '{ "private": true }');
    const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', wanted];
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd: work, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${wanted} could not be installed:\n${stdout}${stderr}`);
    if (!existsSync(folder)) renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
