// Packs every published package and checks the tarball: publint, the types as each kind of importer sees them, its
// manifest, README and licence, and that nothing in it names a package that is not published.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { manifestProblems } from './manifest-problems.mjs';
import { publishedPackages, root } from './packages.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const scratch = mkdtempSync(join(tmpdir(), 'packages-'));
const workspace = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const LONGEST_README = 64;
const published = publishedPackages().map(({ name }) => name);
const unpublished = readdirSync(join(root, 'packages'))
  .map((folder) => `@cloudiful-scheduler/${folder}`)
  .filter((name) => !published.includes(name));
const commonVersion = publishedPackages()[0].version;
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

function checkContents(tarball, directory, version) {
  const read = (file) => spawnSync('tar', ['-xzOf', tarball, `package/${file}`], { encoding: 'utf8' }).stdout;
  const problems = manifestProblems(JSON.parse(read('package.json')), {
    folder: relative(root, directory),
    root: workspace,
    version,
  });
  if (read('LICENSE') !== readFileSync(join(root, 'LICENSE'), 'utf8'))
    problems.push('LICENSE is not that of the root');
  const lines = read('README.md').split('\n').length;
  if (lines < 20 || lines > LONGEST_README) problems.push(`README.md has ${lines} lines`);
  for (const problem of problems) {
    failed = true;
    console.error(`${directory}: ${problem}`);
  }
}

for (const { directory, name } of publishedPackages()) {
  checkImports(directory);
  const folder = mkdtempSync(join(scratch, 'package-'));
  run('npx', ['--yes', workspace.packageManager, 'pack', '--pack-destination', folder], directory);
  const [tarball] = readdirSync(folder).map((file) => join(folder, file));
  if (tarball === undefined) {
    failed = true;
    continue;
  }
  checkContents(tarball, directory, commonVersion);
  run(bin('publint'), ['run', '--strict', tarball], root);
  run(bin('attw'), [tarball, '--profile', 'node16'], root);
  console.log(`${name}: ${failed ? 'see above' : 'good'}`);
}
rmSync(scratch, { recursive: true });
process.exit(failed ? 1 : 0);
