// Makes the versions and changelogs of the next release. A plugin accepts the cores of its own minor version and of
// those after it, up to the next major version.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORE, coreRange, publishedPackages, root } from './packages.mjs';

run('node_modules/.bin/changeset', 'version');
for (const { directory, version, peerDependencies } of publishedPackages()) {
  if (peerDependencies?.[CORE] === undefined) continue;
  const file = join(directory, 'package.json');
  const text = readFileSync(file, 'utf8');
  const old = `"${CORE}": "${peerDependencies[CORE]}"`;
  writeFileSync(file, text.replace(old, `"${CORE}": "workspace:${coreRange(version)}"`));
}
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
run('npx', '--yes', packageManager, 'install', '--lockfile-only', '--no-frozen-lockfile');

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
