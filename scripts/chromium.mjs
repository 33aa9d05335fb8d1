// Finds the browser that the test of the playground drives. `node scripts/chromium.mjs` prints where it is.
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Looks on the PATH; on Debian and Ubuntu, for root, installs the distribution's package when there is none.
 *
 * @returns {{ path: string } | { missing: string }}
 */
export function findChromium() {
  const found = onPath();
  if (found !== undefined) return { path: found };
  if (process.getuid?.() !== 0) return { missing: `none of ${NAMES.join(', ')} is on the PATH` };
  try {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', 'chromium', 'fonts-dejavu-core');
  } catch (error) {
    const output = String(error.stderr ?? '')
      .trim()
      .split('\n')
      .at(-1);
    return { missing: `chromium is not on the PATH and could not be installed: ${output || error.message}` };
  }
  const installed = onPath();
  return installed === undefined
    ? { missing: 'the package chromium holds no such program' }
    : { path: installed };
}

function onPath() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function apt(...args) {
  // Another installation may be under way, of another test for instance.
  execFileSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
  });
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { path, missing } = findChromium();
  console.log(path ?? missing);
  if (path === undefined) process.exitCode = 1;
}
