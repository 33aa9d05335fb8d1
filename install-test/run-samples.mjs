import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/packages.mjs';
import { cleanEnvironment, mustRun } from './run-command.mjs';
import { asCjs, asEsm } from './sample-forms.mjs';
import { proofs } from './sample-proofs.mjs';

const TIME_LIMIT_MS = 120_000;
const forms = {
  esm: { type: 'module', write: asEsm },
  cjs: { type: 'commonjs', write: asCjs },
};

/** Runs one sample of a README in a folder of the project and rejects when it did not do its work. */
export async function runSample(project, { sample, form, node, label, valkeyUrl }) {
  const proof = proofs[sample.path];
  if (proof === undefined) throw new Error(`Nothing says what ${sample.path} must show`);
  const [program] = sample.files.keys();
  const { type, write } = forms[form];
  const folder = join(project.directory, 'samples', label, form, program.replaceAll('.', '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  for (const [name, text] of sample.files) {
    const here = text.replaceAll('valkey://localhost:6379', valkeyUrl);
    writeFileSync(join(folder, asScript(name)), await write(name, here));
  }
  for (const [name, text] of Object.entries(proof.beside ?? {})) writeFileSync(join(folder, name), text);
  const output = await runProgram(node, asScript(program), folder, proof);
  for (const pattern of proof.shows) {
    if (!pattern.test(output)) throw new Error(`did not write ${pattern}:\n${output}`);
  }
  if (proof.keeps !== undefined) {
    writeFileSync(join(folder, 'keeps.mjs'), proof.keeps);
    await mustRun(node, ['keeps.mjs'], { cwd: folder });
  }
}

function asScript(name) {
  return name.replace(/\.(ts|mjs)$/, '.js');
}

function runProgram(node, program, cwd, { timesFaster = 1, until, signal, nodeArguments = [] }) {
  const faster = ['--import', join(root, 'examples/guides/faster-time.mjs')];
  const args = [...(timesFaster === 1 ? [] : faster), ...nodeArguments, program];
  const env = { ...cleanEnvironment, TIMES_FASTER: `${timesFaster}` };
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let stopped = false;
    const limit = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
    const collect = (chunk) => {
      output += chunk;
      if (until === undefined || stopped || !until.test(output)) return;
      stopped = true;
      child.kill(signal);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code, endedBy) => {
      clearTimeout(limit);
      const asAsked = until === undefined || stopped;
      if (asAsked && (code === 0 || (signal === 'SIGKILL' && endedBy === signal))) resolve(output);
      else reject(new Error(`ended with ${code ?? endedBy}, stopped: ${stopped}:\n${output}`));
    });
  });
}
