// Runs a command of the workspace with another major version of Node, which is installed at its first use:
//   node scripts/with-node.mjs 22 -- vitest run packages/core
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { root } from './packages.mjs';
import { findRuntime } from './runtimes.mjs';

const [major, separator, command, ...args] = process.argv.slice(2);
if (separator !== '--' || command === undefined) {
  console.error('Usage: node scripts/with-node.mjs <major> -- <command> [arguments]');
  process.exit(2);
}
const folders = [dirname(findRuntime(`node${major}`)), join(root, 'node_modules/.bin')];
const env = { ...process.env, PATH: [...folders, process.env.PATH].join(delimiter) };
const found = spawnSync('node', ['--version'], { env, encoding: 'utf8' }).stdout?.trim();
if (!found?.startsWith(`v${major}.`)) throw new Error(`Wanted Node ${major}, found ${found}`);
console.log(`Node ${found}`);
const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' });
if (error !== undefined) console.error(error.message);
process.exit(status ?? 1);
