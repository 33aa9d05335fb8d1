// Two processes share one schedule on one Valkey server. One is killed in the middle of a run; the other takes
// over. At the end: who ran what.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serverUrl } from './server.mjs';

const BEFORE_KILL_MS = 4_000;
const AFTER_TAKEOVER_MS = 3_000;

const program = process.env.INSTANCE_PROGRAM ?? fileURLToPath(new URL('./instance.mjs', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'two-instances-'));
const server = await serverUrl(scratch);
const runs = new Map();

const instances = ['A', 'B'].map(start);
await sleep(BEFORE_KILL_MS);

const victim = await nextRunner();
console.log(`--- ${victim.name} is killed in the middle of a run`);
victim.process.kill('SIGKILL');
const survivor = instances.find((instance) => instance !== victim);
await survivor.tookOver;
await sleep(AFTER_TAKEOVER_MS);

survivor.process.kill('SIGTERM');
await survivor.ended;
server.stop();
rmSync(scratch, { recursive: true, force: true });

console.log('--- who ran what');
for (const [occurrence, log] of [...runs].sort(([a], [b]) => a.localeCompare(b))) {
  console.log(`${occurrence}  ${log.join(', ')}`);
}
const unfinished = [...runs.values()].filter((log) => !log.some((entry) => /finished|skipped/.test(entry)));
const twice = [...runs.values()].filter(
  (log) => log.filter((entry) => entry.includes('finished')).length > 1,
);
console.log(`${runs.size} occurrences, ${unfinished.length} lost, ${twice.length} finished twice`);
process.exitCode = unfinished.length + twice.length === 0 ? 0 : 1;

function start(name) {
  let onTakeover;
  const tookOver = new Promise((resolve) => (onTakeover = resolve));
  const child = spawn(process.execPath, [program, name, server.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const instance = {
    name,
    process: child,
    ended: new Promise((resolve) => child.once('exit', resolve)),
    onStart: () => {},
    tookOver,
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    console.log(line);
    const [, what, occurrence, attempt, more] = /^\S+ (\w+) (\S+), attempt (\d+)(?:, (.*))?/.exec(line) ?? [];
    if (what === undefined) return;
    const log = runs.get(occurrence) ?? [];
    runs.set(occurrence, log);
    if (what === 'starts') {
      log.push(`${name} started attempt ${attempt}`);
      instance.onStart();
      if (attempt !== '1') onTakeover();
    } else log.push(what === 'finishes' ? `${name} finished` : `${name} skipped it: ${more}`);
  });
  return instance;
}

/** The instance that begins the next run. */
function nextRunner() {
  return new Promise((resolve) => {
    for (const instance of instances) instance.onStart = () => resolve(instance);
  });
}
