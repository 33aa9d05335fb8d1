// Makes the site in docs/site: the pictures of the guides are checked, TypeDoc writes the pages, the playground
// is bundled beside them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildPlayground } from '../docs/playground/build.mjs';
import { root } from './packages.mjs';

run('tsx', 'dist/cli.mjs', 'docs/timeline/figures/draw-figures.ts', '--check');
run('typedoc', 'bin/typedoc');
await buildPlayground(join(root, 'docs/site/playground'));

function run(name, program, ...args) {
  const file = join(root, 'node_modules', name, program);
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
