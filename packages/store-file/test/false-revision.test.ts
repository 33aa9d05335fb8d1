import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobState } from '@cloudiful-scheduler/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FileStateStore } from '../src/index.js';
import { asProcess } from './stepped-files.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('./stepped-files.js')).steppedFiles(await original<typeof import('node:fs/promises')>()),
);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-file-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A process that stands still before the named steps, each time until it is told to go on. */
class HaltingProcess {
  #goOn: () => void = () => {};
  #reached: () => void = () => {};

  /** Starts `work` and settles when it stands before the first of `steps`. */
  begin<T>(steps: readonly string[], work: () => Promise<T>): { result: Promise<T>; halted: Promise<void> } {
    const left = [...steps];
    const halted = this.#nextHalt();
    const gate = (name: string): Promise<void> | undefined => {
      if (name !== left[0]) return undefined;
      left.shift();
      this.#reached();
      return new Promise((goOn) => {
        this.#goOn = goOn;
      });
    };
    return { result: asProcess(gate, work), halted };
  }

  goOn(): void {
    this.#goOn();
  }

  /** Goes on and settles when it stands before the next step. */
  goOnToNext(): Promise<void> {
    const halted = this.#nextHalt();
    this.#goOn();
    return halted;
  }

  #nextHalt(): Promise<void> {
    return new Promise((reached) => {
      this.#reached = reached;
    });
  }
}

const stateOf = (triggerCount: number): JobState => ({
  jobId: 'job',
  triggerCount,
  paused: false,
  inFlight: [],
});

async function countTo(last: number): Promise<string> {
  const store = new FileStateStore(directory);
  let stored = await store.load('job');
  for (;;) {
    const answer = await store.save(stateOf((stored?.state.triggerCount ?? 0) + 1), stored?.revision);
    if (answer.status !== 'saved') throw new Error('nobody else saves here');
    stored = await store.load('job');
    if (stored?.state.triggerCount === last) return String(stored.revision);
  }
}

it('a file that a late process made under a number used up is never taken for the record', async () => {
  const [late, reader] = [new HaltingProcess(), new HaltingProcess()];
  const known = await countTo(2);

  const saving = late.begin(['link', 'unlink'], () => new FileStateStore(directory).save(stateOf(3), known));
  await saving.halted;
  await countTo(3);
  const store = new FileStateStore(directory);
  const loading = reader.begin(['readFile'], () => store.load('job'));
  await loading.halted;
  await countTo(6);

  await late.goOnToNext();
  reader.goOn();
  const loaded = await loading.result;
  expect(loaded?.state.triggerCount).toBe(6);
  expect((await store.save(stateOf(7), loaded?.revision)).status).toBe('saved');
  late.goOn();
  expect(await saving.result).toEqual({ status: 'conflict' });
  expect((await store.load('job'))?.state.triggerCount).toBe(7);
});
