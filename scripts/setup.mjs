// Installs what the workspace needs, with nothing but Node and npm; does nothing when that is up to date.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.setup-stamp');

const manifests = ['packages', 'examples', 'docs']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name, 'package.json')))
  .concat('bench/package.json')
  .filter((file) => existsSync(join(root, file)));
const hash = createHash('sha256').update(process.version);
for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
  hash.update(file).update(readFileSync(join(root, file)));
}
const state = hash.digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== state) {
  console.log('Installing what the workspace needs…');
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const install = ['--yes', packageManager, 'install', '--frozen-lockfile', '--prefer-offline'];
  const { status, stdout, stderr } = spawnSync('npx', install, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: { ...process.env, CI: 'true' },
  });
  if (status !== 0) {
    console.error(`${stdout}\n${stderr}\nThe installation failed.`);
    process.exit(status ?? 1);
  }
  writeFileSync(stamp, state);
}
