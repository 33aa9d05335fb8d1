// Finds the servers that the tests of the Valkey packages run against. `node scripts/valkey-server.mjs`
// prints where they are.
import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/** The servers that are looked for. */
export const SERVER_NAMES = ['valkey-server', 'redis-server'];

const CACHE = fileURLToPath(new URL('../node_modules/.cache/valkey/', import.meta.url));

/**
 * Looks on the PATH, then in the cache folder of this repository; on Debian and Ubuntu fills that from the
 * distribution's packages. Nothing is installed system-wide.
 *
 * @param {string} name - One of SERVER_NAMES.
 * @returns {{ path: string, env: Record<string, string> } | { missing: string }}
 */
export function findServer(name) {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
  if (onPath !== undefined) return { path: onPath, env: {} };
  const folder = join(CACHE, name);
  if (!existsSync(folder)) {
    try {
      unpack(name, folder);
    } catch (error) {
      return {
        missing: `${name} is not on the PATH, and its package could not be unpacked: ${describe(error)}`,
      };
    }
  }
  const libraries = existsSync(join(folder, 'usr/lib'))
    ? readdirSync(join(folder, 'usr/lib')).map((triplet) => join(folder, 'usr/lib', triplet))
    : [];
  return {
    path: join(folder, 'usr/bin', name),
    env: { LD_LIBRARY_PATH: [...libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') },
  };
}

/** Downloads the package and what it needs that is not installed, and unpacks them into `target`. */
function unpack(name, target) {
  const source = distributionSource();
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'unpack-'));
  try {
    for (const folder of ['lists/partial', 'archives/partial', 'root'])
      mkdirSync(join(work, folder), { recursive: true });
    const list = join(work, 'distribution.sources');
    const options = {
      'Dir::Etc::sourcelist': list,
      'Dir::Etc::sourceparts': '-',
      'Dir::State::lists': join(work, 'lists'),
      'Dir::Cache': work,
      'Debug::NoLocking': 'true',
      'APT::Sandbox::User': '',
      'APT::Install-Recommends': 'false',
    };
    const apt = (...args) =>
      execFileSync(
        'apt-get',
        [...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]), '-qq', ...args],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
          timeout: 300_000,
        },
      );
    writeFileSync(list, source('backports'));
    try {
      apt('update', '--error-on=any');
    } catch {
      writeFileSync(list, source());
      apt('update');
    }
    apt('install', '--download-only', '--yes', name);
    for (const file of readdirSync(join(work, 'archives')).filter((entry) => entry.endsWith('.deb'))) {
      execFileSync('dpkg', ['-x', join(work, 'archives', file), join(work, 'root')]);
    }
    accessSync(join(work, 'root/usr/bin', name), constants.X_OK);
    try {
      renameSync(join(work, 'root'), target);
    } catch (error) {
      // Another process was faster.
      if (!existsSync(target)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The apt source that this machine takes its distribution from, for the release itself and one more suite of it. */
function distributionSource() {
  const codename = /^VERSION_CODENAME="?([\w-]+)/m.exec(readText('/etc/os-release'))?.[1];
  if (codename === undefined) throw new Error('this is neither Debian nor Ubuntu');
  const parts = '/etc/apt/sources.list.d';
  const files = existsSync(parts) ? readdirSync(parts).map((file) => join(parts, file)) : [];
  const entries = [
    ...files.filter((file) => file.endsWith('.sources')).flatMap((file) => stanzas(readText(file))),
    ...['/etc/apt/sources.list', ...files.filter((file) => file.endsWith('.list'))].flatMap((file) =>
      oneLiners(readText(file)),
    ),
  ].filter(
    (entry) =>
      entry.Suites?.split(/\s+/).includes(codename) &&
      /\bdeb\b/.test(entry.Types ?? '') &&
      entry.Enabled !== 'no',
  );
  if (entries.length === 0) throw new Error(`no apt source of ${codename} is configured`);
  return (extra) =>
    entries
      .map((entry) => ({
        ...entry,
        Types: 'deb',
        Suites: extra ? `${codename} ${codename}-${extra}` : codename,
      }))
      .map((entry) =>
        Object.entries(entry)
          .map(([field, value]) => `${field}: ${value}\n`)
          .join(''),
      )
      .join('\n');
}

function stanzas(text) {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .map((stanza) =>
      Object.fromEntries(
        [...stanza.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)].map(([, field, value]) => [
          field,
          value.trimEnd(),
        ]),
      ),
    );
}

function oneLiners(text) {
  const fields = { 'signed-by': 'Signed-By', arch: 'Architectures', trusted: 'Trusted' };
  return [...text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#\n]+)/gm)].map(
    ([, options = '', uri, suite, components]) => ({
      Types: 'deb',
      URIs: uri,
      Suites: suite,
      Components: components.trim(),
      ...Object.fromEntries(
        [...options.matchAll(/([\w-]+)=(\S+)/g)].flatMap(([, key, value]) =>
          fields[key] ? [[fields[key], value.replaceAll(',', ' ')]] : [],
        ),
      ),
    }),
  );
}

function readText(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function describe(error) {
  const output = String(error.stderr ?? '')
    .trim()
    .split('\n')
    .at(-1);
  return output || error.message;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const found = SERVER_NAMES.map((name) => ({ name, ...findServer(name) }));
  for (const { name, path, missing } of found) console.log(path ?? `${name}: ${missing}`);
  if (found.every(({ path }) => path === undefined)) process.exitCode = 1;
}
