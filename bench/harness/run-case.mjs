import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './statistics.mjs';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));

/**
 * Runs every contestant of a case in turn, `rounds` times over, each in a process of its own, so that what a
 * noisy machine does to one it does to all. `together` runs them at the same time, for work that mostly waits.
 */
export async function runCase(name, file, { contestants, rounds, together = false, timeoutMs = 60_000 }) {
  const labels = Object.keys(contestants);
  const found = new Map(labels.map((label) => [label, []]));
  for (let round = 0; round < rounds; round += 1) {
    const measure = async (label) => {
      if (round >= (contestants[label].rounds ?? rounds)) return;
      // What did not finish once will not finish in another round.
      if (found.get(label).some(({ failure }) => failure !== undefined)) return;
      found.get(label).push(await measureInChild(file, label, timeoutMs));
      process.stderr.write(`  ${name}, round ${round + 1}: ${label}\n`);
    };
    if (together) await Promise.all(labels.map(measure));
    else for (const label of labels) await measure(label);
  }
  return labels.map((label) => summarise(label, found.get(label)));
}

function summarise(label, rounds) {
  const failed = rounds.find(({ failure }) => failure !== undefined);
  if (failed !== undefined) return { label, failure: failed.failure };
  const values = {};
  for (const column of Object.keys(rounds[0])) {
    // A later round may lack what an earlier one had time for.
    const all = rounds
      .filter((round) => round[column] !== undefined)
      .map((round) => round[column])
      .sort((a, b) => a - b);
    values[column] = { median: median(all), least: all[0], most: all.at(-1) };
  }
  return { label, values };
}

function measureInChild(file, label, timeoutMs) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--expose-gc', CHILD, file, label], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(out.trim().split('\n').at(-1)));
      else if (signal === 'SIGKILL') resolve({ failure: `did not finish in ${timeoutMs / 1_000} s` });
      else resolve({ failure: /heap out of memory/.test(err) ? 'out of memory' : messageIn(err) });
    });
  });
}

/** What an error that ended a process says; before it stands the line of code that threw it. */
function messageIn(text) {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.find((line) => line !== '') ?? 'failed';
}
