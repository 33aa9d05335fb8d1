import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** The packages that are published, core first. */
export function publishedPackages() {
  return readdirSync(join(root, 'packages'))
    .map((folder) => join(root, 'packages', folder))
    .filter((directory) => existsSync(join(directory, 'package.json')))
    .map((directory) => ({ directory, ...JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) }))
    .filter((manifest) => manifest.private !== true)
    .sort((a, b) => Number(b.name.endsWith('/core')) - Number(a.name.endsWith('/core')));
}

/** The name of the package that all others need. */
export const CORE = '@cloudiful-scheduler/core';

/** The cores that a plugin of this version accepts. */
export function coreRange(version) {
  const [major, minor] = version.split('.').map(Number);
  return `>=${major}.${minor}.0 <${major + 1}.0.0`;
}
