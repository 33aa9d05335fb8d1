import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages, root } from '../scripts/packages.mjs';
import { mustRun } from './run-command.mjs';

/** Packs every published package as a release does; resolves to the tarballs by the folders of the packages. */
export async function packAll(destination) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tarballs = {};
  for (const { directory, name } of publishedPackages()) {
    const folder = name.split('/')[1];
    const target = join(destination, folder);
    mkdirSync(target, { recursive: true });
    await mustRun('npx', ['--yes', packageManager, 'pack', '--pack-destination', target], { cwd: directory });
    tarballs[folder] = join(target, readdirSync(target)[0]);
  }
  return tarballs;
}
