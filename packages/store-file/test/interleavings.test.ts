import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSchedulerError, type JobState } from '@cloudiful-scheduler/core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { FileStateStore } from '../src/index.js';
import { asProcess } from './stepped-files.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('./stepped-files.js')).steppedFiles(await original<typeof import('node:fs/promises')>()),
);

const PROCESSES = 4;
const STEPS = 500;
const SEEDS = 60;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'store-file-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A process that waits to be allowed each step. */
class Process {
  #goOn: (() => void) | undefined;
  #waits = () => {};
  /** Its call, and whether that changes the record. */
  saving = false;

  constructor(work: (self: Process) => Promise<void>, failed: (error: unknown) => void) {
    const step = () =>
      new Promise<void>((goOn) => {
        this.#goOn = goOn;
        this.#waits();
      });
    this.ready = new Promise((resolve) => {
      this.#waits = resolve;
    });
    void asProcess(step, () => work(this)).catch(failed);
  }

  /** Settles when it waits for its next step. */
  ready: Promise<void>;

  async step(): Promise<void> {
    this.ready = new Promise((resolve) => {
      this.#waits = resolve;
    });
    this.#goOn?.();
    await this.ready;
  }
}

/** Processes that count on one record, step by step in an order drawn from `seed`; some die, some sleep long. */
async function simulate(seed: number): Promise<void> {
  const directory = join(root, String(seed));
  const random = randomFrom(seed);
  let saved = 0;
  let unknown = 0;
  let highest = 0;
  const winners = new Map<string, number>();
  const failures: unknown[] = [];

  const count = async (self: Process) => {
    const store = new FileStateStore(directory);
    for (;;) {
      const stored = await store.load('job');
      const triggerCount = (stored?.state.triggerCount ?? 0) + 1;
      const state: JobState = { jobId: 'job', triggerCount, paused: false, inFlight: [] };
      self.saving = true;
      try {
        if ((await store.save(state, stored?.revision)).status === 'saved') {
          saved += 1;
          highest = Math.max(highest, triggerCount);
          const base = String(stored?.revision);
          winners.set(base, (winners.get(base) ?? 0) + 1);
        }
      } catch (error) {
        if (!isSchedulerError(error, 'ERR_STORE_UNAVAILABLE')) throw error;
        unknown += 1;
      }
      self.saving = false;
    }
  };
  const start = () => new Process(count, (error) => failures.push(error));

  const processes = Array.from({ length: PROCESSES }, start);
  const asleep = new Map<Process, number>();
  await Promise.all(processes.map(({ ready }) => ready));
  for (let taken = 0; taken < STEPS; taken += 1) {
    const index = Math.floor(random() * PROCESSES);
    const process = processes[index] as Process;
    const fate = random();
    if (fate < 0.01) {
      if (process.saving) unknown += 1;
      processes[index] = start();
      await processes[index].ready;
    } else if ((asleep.get(process) ?? 0) <= taken) {
      if (fate < 0.06) asleep.set(process, taken + Math.floor(random() * 150));
      else await process.step();
    }
    if (failures.length > 0) throw failures[0];
  }
  unknown += processes.filter(({ saving }) => saving).length;

  const final = (await new FileStateStore(directory).load('job'))?.state.triggerCount ?? 0;
  expect(final).toBeGreaterThanOrEqual(Math.max(saved, highest));
  expect(final).toBeLessThanOrEqual(saved + unknown);
  expect([...winners.values()].every((won) => won === 1)).toBe(true);
  const revisions = (await readdir(directory)).filter((name) => name.endsWith('.state'));
  expect(revisions.length).toBeLessThanOrEqual(2 + PROCESSES);
  expect(saved).toBeGreaterThan(0);
}

it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'loses and doubles nothing in the order of seed %i',
  simulate,
);
