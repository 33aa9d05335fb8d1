import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSchedulerError, type JobState, type Revision } from '@cloudiful-scheduler/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileStateStore } from '../src/index.js';
import { asProcess, type Steps } from './stepped-files.js';

vi.mock('node:fs/promises', async (original) =>
  (await import('./stepped-files.js')).steppedFiles(await original<typeof import('node:fs/promises')>()),
);

let root: string;
let directories = 0;
let directory: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'store-file-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const newDirectory = () => {
  directories += 1;
  directory = join(root, String(directories));
};
const stateOf = (triggerCount: number): JobState => ({
  jobId: 'job',
  triggerCount,
  paused: false,
  inFlight: [],
});
const count = async (store = new FileStateStore(directory)) => (await store.load('job'))?.state.triggerCount;

/** Another process: adds one to what is there, or begins with one. */
async function increment(store = new FileStateStore(directory)): Promise<void> {
  const stored = await store.load('job');
  const result = await store.save(stateOf((stored?.state.triggerCount ?? 0) + 1), stored?.revision);
  expect(result.status).toBe('saved');
}

async function times(rounds: number, work: () => Promise<void>): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await work();
}

const remove = () => new FileStateStore(directory).delete('job');

/** What is there when a process begins its call. */
const HISTORIES: Record<string, () => Promise<void>> = {
  nothing: async () => {},
  'one revision': () => increment(),
  'many revisions': () => times(4, increment),
  'a deleted record': async () => {
    await times(3, increment);
    await remove();
  },
};

const CALLS: Record<
  string,
  (store: FileStateStore, before: number | undefined, revision: Revision | undefined) => Promise<unknown>
> = {
  save: async (store, before, revision) =>
    (await store.save(stateOf((before ?? 0) + 1_000), revision)).status,
  delete: (store) => store.delete('job'),
};

const cases = Object.keys(HISTORIES).flatMap((history) =>
  Object.keys(CALLS).map((call) => [call, history] as const),
);

async function begin(history: string) {
  newDirectory();
  await (HISTORIES[history] as () => Promise<void>)();
  const stored = await new FileStateStore(directory).load('job');
  return { before: stored?.state.triggerCount, revision: stored?.revision };
}

describe.each(cases)('%s on %s', (call, history) => {
  const run = CALLS[call] as (typeof CALLS)[string];

  it('leaves the old or the new state whole wherever it is cut off', async () => {
    const after = async (before: number | undefined) =>
      call === 'delete' ? undefined : (before ?? 0) + 1_000;
    for (let fatal = 1, died = true; died; fatal += 1) {
      const { before, revision } = await begin(history);
      let taken = 0;
      died = await new Promise<boolean>((resolve) => {
        const steps: Steps = () => {
          taken += 1;
          if (taken < fatal) return;
          resolve(true);
          return new Promise(() => {});
        };
        void asProcess(steps, () => run(new FileStateStore(directory), before, revision)).then(() =>
          resolve(false),
        );
      });
      const now = await count();
      expect([before, await after(before)]).toContain(now);
      if (!died) expect(now).toBe(await after(before));
      await increment();
      expect(await count()).toBe((now ?? 0) + 1);
      await times(3, increment);
      const names = await readdir(directory);
      expect(names.filter((name) => name.endsWith('.state')).length).toBeLessThanOrEqual(2);
      expect(names.filter((name) => name.endsWith('.tmp')).length).toBeLessThanOrEqual(1);
    }
  });

  /** What others do while the process stands still; each ends with a state of its own or none. */
  const MEANWHILES: [string, () => Promise<void>][] = [
    ...[1, 2, 3, 18].map((rounds): [string, () => Promise<void>] => [
      `${rounds} saves`,
      () => times(rounds, increment),
    ]),
    ['a deletion', () => remove()],
    [
      'a deletion and a save',
      async () => {
        await remove();
        await increment();
      },
    ],
    [
      'saves, deletions and saves',
      () =>
        times(2, async () => {
          await times(3, increment);
          await remove();
          await times(2, increment);
        }),
    ],
  ];

  it.each(MEANWHILES)('happens before or not at all when it stands still for %s', async (_, meanwhile) => {
    for (let still = 1, stood = true; stood; still += 1) {
      const { before, revision } = await begin(history);
      let taken = 0;
      let goOn = () => {};
      stood = false;
      let result: unknown;
      let ended = Promise.resolve();
      await new Promise<void>((stoodOrEnded) => {
        const steps: Steps = () => {
          taken += 1;
          if (taken !== still) return;
          stood = true;
          return new Promise((wake) => {
            goOn = wake;
            stoodOrEnded();
          });
        };
        ended = asProcess(steps, () => run(new FileStateStore(directory), before, revision))
          .catch((error: unknown) => error)
          .then((value) => {
            result = value;
            stoodOrEnded();
          });
      });
      const seen = await count();
      await meanwhile();
      const left = await count();
      goOn();
      await ended;

      const unknown = isSchedulerError(result, 'ERR_STORE_UNAVAILABLE');
      if (call === 'save') {
        const happened = seen === (before ?? 0) + 1_000;
        const unchanged = before === undefined && left === undefined;
        if (unchanged && !happened) expect(['saved', 'conflict']).toContain(result);
        else if (!unknown) expect(result).toBe(happened ? 'saved' : 'conflict');
        expect(await count()).toBe(unchanged && result === 'saved' && !happened ? 1_000 : left);
      } else if (!unknown) {
        expect(result).toBeUndefined();
        if (seen === undefined && before !== undefined) expect(await count()).toBe(left);
        else expect([undefined, left]).toContain(await count());
      }
      await increment();
    }
  });
});
