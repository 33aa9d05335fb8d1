// Packs every published package and checks the tarball: publint, the types as each kind of importer sees them, and
// that nothing in it names a package that is not published.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedPackages, root } from './packages.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const scratch = mkdtempSync(join(tmpdir(), 'packages-'));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const published = publishedPackages().map(({ name }) => name);
const unpublished = readdirSync(join(root, 'packages'))
  .map((folder) => `@cloudiful-scheduler/${folder}`)
  .filter((name) => !published.includes(name));
let failed = false;

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  failed = true;
  console.error(`${[command, ...args].join(' ')}\n${stdout}${stderr}`);
}

/** Types that import a package which nobody can install are silently `any`. */
function checkImports(directory) {
  const dist = join(directory, 'dist');
  for (const file of readdirSync(dist).filter((one) => !one.endsWith('.map'))) {
    const text = readFileSync(join(dist, file), 'utf8');
    for (const name of unpublished) {
      if (!text.includes(`'${name}'`) && !text.includes(`"${name}"`)) continue;
      failed = true;
      console.error(`${join(dist, file)} imports ${name}, which is not published`);
    }
  }
}

for (const { directory, name } of publishedPackages()) {
  checkImports(directory);
  const folder = mkdtempSync(join(scratch, 'package-'));
  run('npx', ['--yes', packageManager, 'pack', '--pack-destination', folder], directory);
  const [tarball] = readdirSync(folder).map((file) => join(folder, file));
  if (tarball === undefined) {
    failed = true;
    continue;
  }
  run(bin('publint'), ['run', '--strict', tarball], root);
  run(bin('attw'), [tarball, '--profile', 'node16'], root);
  console.log(`${name}: ${failed ? 'see above' : 'good'}`);
}
rmSync(scratch, { recursive: true });
process.exit(failed ? 1 : 0);
