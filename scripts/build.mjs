// Builds the published packages, or those whose folders are named, into dist: ESM, CommonJS and declarations.
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { publishedPackages, root } from './packages.mjs';

const wanted = process.argv.slice(2);

for (const { directory, name } of publishedPackages()) {
  if (wanted.length > 0 && !wanted.includes(basename(directory))) continue;
  const tsup = [
    join(root, 'node_modules/tsup/dist/cli-default.js'),
    '--config',
    join(root, 'tsup.config.ts'),
  ];
  const { status } = spawnSync(process.execPath, tsup, { cwd: directory, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`Building ${name} failed.`);
    process.exit(status ?? 1);
  }
}
