// Packs every published package, installs the tarballs with npm into empty folders, and uses them as users do: the
// samples of the READMEs as ESM, CommonJS and TypeScript, in each supported Node; core in browsers, Bun and Deno.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBrowser } from '../install-test/check-browser.mjs';
import { checkCoreAlone, checkPeers, mustCleanList } from '../install-test/check-npm.mjs';
import { checkTypes, OLD_TYPESCRIPT } from '../install-test/check-types.mjs';
import { Project } from '../install-test/project.mjs';
import { readmeSamples } from '../install-test/readme-samples.mjs';
import { mustRun } from '../install-test/run-command.mjs';
import { runSample } from '../install-test/run-samples.mjs';
import { packAll } from '../install-test/tarballs.mjs';
import { startValkey } from '../install-test/valkey.mjs';
import { root } from './packages.mjs';
import { findRuntime } from './runtimes.mjs';

const NODES = ['node20.19', 'node20', 'node22', 'node24'];
const AT_ONCE = 3;
const scratch = mkdtempSync(join(tmpdir(), 'install-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
let good = 0;
let failed = 0;

const tarballs = await packAll(join(scratch, 'tarballs'));
const project = new Project(join(scratch, 'all'));
await project.install(
  ...Object.values(tarballs),
  'iovalkey@0.4',
  'pino@10',
  '@types/node@20',
  `${OLD_TYPESCRIPT}@npm:typescript@5.2`,
);
const samples = readmeSamples();
const coreAlone = await checked('core alone', () => checkCoreAlone(join(scratch, 'core'), tarballs));
await checked('npm ls', () => mustCleanList(project));
await checked('missing and old peers', () => checkPeers(join(scratch, 'peers'), tarballs));
await checked('types', () => checkTypes(project, samples));
await checked('bundle for the browser', () => checkBrowser(project));

const server = await startValkey();
try {
  for (const name of NODES) await checkOn(name);
} finally {
  server.stop();
}
await checked('core in bun', () => checkInterval(findRuntime('bun'), ['run']));
await checked('core in deno', () =>
  checkInterval(findRuntime('deno'), ['run', '--no-prompt', '--cached-only']),
);

console.log(`${samples.length} samples, ${good} checks good, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function checkOn(name) {
  const node = findRuntime(name);
  const tasks = samples.flatMap((sample) =>
    ['esm', 'cjs'].map((form) => () => {
      const options = { sample, form, node, label: name, valkeyUrl: server.freshUrl() };
      return checked(`${sample.path} as ${form} in ${name}`, () => runSample(project, options));
    }),
  );
  tasks.push(
    () =>
      checked(`ESM and CommonJS copies in ${name}`, () => runInProject(project, 'check-copies.mjs', [node])),
    () => checked(`core in ${name}`, () => checkInterval(node)),
  );
  const worker = async () => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) await task();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function checkInterval(runtime, args = []) {
  const output = await runInProject(coreAlone, 'interval-job.mjs', [runtime, ...args]);
  if (output.trim() !== 'shutdown success success success') throw new Error(`It wrote ${output}`);
}

function runInProject(where, program, [runtime, ...args]) {
  cpSync(join(root, 'install-test', program), join(where.directory, program));
  return mustRun(runtime, [...args, program], { cwd: where.directory, timeoutMs: 60_000 });
}

async function checked(what, check) {
  const start = performance.now();
  try {
    const result = await check();
    good += 1;
    console.log(`good    ${what} (${Math.round(performance.now() - start)} ms)`);
    return result;
  } catch (error) {
    failed += 1;
    console.error(`FAILED  ${what}\n${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
