// Makes the versions and changelogs of the next release. A plugin accepts the cores of its own minor version and of
// those after it, up to the next major version.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORE, coreRange, publishedPackages, root } from './packages.mjs';

const { status } = spawnSync(join(root, 'node_modules/.bin/changeset'), ['version'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

for (const { directory, version, peerDependencies } of publishedPackages()) {
  if (peerDependencies?.[CORE] === undefined) continue;
  const file = join(directory, 'package.json');
  const text = readFileSync(file, 'utf8');
  const old = `"${CORE}": "${peerDependencies[CORE]}"`;
  writeFileSync(file, text.replace(old, `"${CORE}": "workspace:${coreRange(version)}"`));
}
