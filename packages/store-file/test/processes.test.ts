import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { FileStateStore } from '../src/index.js';
import { bundle } from './bundle.js';

/** Adds one to the record again and again, and says so each time, as often as it is told. */
const COUNTER = `
  import { FileStateStore } from '@cloudiful-scheduler/store-file';
  const store = new FileStateStore(process.argv[2]);
  for (let saved = 0; saved < Number(process.argv[3]); ) {
    const stored = await store.load('job');
    const triggerCount = (stored?.state.triggerCount ?? 0) + 1;
    const state = { jobId: 'job', triggerCount, paused: false, inFlight: [] };
    if ((await store.save(state, stored?.revision)).status === 'saved') {
      saved += 1;
      process.stdout.write(triggerCount + '\\n');
    }
  }
`;

let programs: string;
let directory: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'store-file-'));
  await bundle(COUNTER, join(programs, 'counter.mjs'));
});
afterAll(() => rm(programs, { recursive: true, force: true }));
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-file-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

function start(rounds: number) {
  const child = spawn(process.execPath, [join(programs, 'counter.mjs'), directory, String(rounds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return { child, ended: once(child, 'close'), lines: createInterface({ input: child.stdout }) };
}

const count = async () => (await new FileStateStore(directory).load('job'))?.state.triggerCount ?? 0;

it('lets processes that race count without losing or doubling one', async () => {
  const counters = [start(60), start(60), start(60)];
  const said: number[] = [];
  for (const { lines } of counters) lines.on('line', (line) => said.push(Number(line)));
  const codes = await Promise.all(counters.map(async ({ ended }) => (await ended)[0]));
  expect(codes).toEqual([0, 0, 0]);
  expect(said.sort((a, b) => a - b)).toEqual(Array.from({ length: 180 }, (_, index) => index + 1));
  expect(await count()).toBe(180);
  expect(await readdir(directory)).toHaveLength(2);
});

it('keeps the record whole when processes are killed at any moment', async () => {
  let acknowledged = 0;
  const rounds = 12;
  for (let round = 0; round < rounds; round += 1) {
    const { child, ended, lines } = start(1_000_000);
    let patience = 1 + ((round * 7) % 5);
    lines.on('line', (line) => {
      acknowledged = Math.max(acknowledged, Number(line));
      patience -= 1;
      // Somewhere in the saves after this one: a few hundred turns of the loop from here.
      if (patience === 0) after((round * 37) % 90, () => child.kill('SIGKILL'));
    });
    await ended;
    const now = await count();
    expect(now).toBeGreaterThanOrEqual(acknowledged);
    // What was not acknowledged: a save whose answer the kill cut off, or a few that stayed in the pipe.
    expect(now).toBeLessThanOrEqual(acknowledged + 1);
    acknowledged = now;
  }
  const names = await readdir(directory);
  expect(names.filter((name) => name.endsWith('.state')).length).toBeLessThanOrEqual(2);
  expect(names.length).toBeLessThanOrEqual(2 + rounds);
});

function after(turns: number, call: () => void): void {
  if (turns === 0) call();
  else setImmediate(() => after(turns - 1, call));
}
