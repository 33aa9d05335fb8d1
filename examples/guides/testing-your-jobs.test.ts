// #region job
import {
  defineJob,
  every,
  type Job,
  Scheduler,
  type TaskContext,
} from '@cloudiful-scheduler/core';

interface Deps {
  readonly fetchPrice: (signal: AbortSignal) => Promise<number>;
  readonly prices: Map<string, number>;
}

export async function refreshPrice({
  run,
  deps,
  signal,
}: TaskContext<Deps>): Promise<void> {
  // The key names the occurrence, so that a second attempt overwrites the first.
  deps.prices.set(run.scheduledAt.toISOString(), await deps.fetchPrice(signal));
}

export function refreshJob(deps: Deps): Job<Deps> {
  return defineJob({
    id: 'refresh-price',
    schedule: every({ minutes: 5 }),
    deps,
    task: refreshPrice,
  });
}
// #endregion

// #region task
import { expect, test } from 'vitest';

test('writes under the occurrence, so that a repetition does no harm', async () => {
  const prices = new Map<string, number>();
  const run = {
    jobId: 'refresh-price',
    scheduledAt: new Date('2026-03-02T09:05:00Z'),
    catchUp: false,
    triggerCount: 1,
    attempt: 1,
    timezone: 'UTC',
    manual: false,
  };
  const { signal } = new AbortController();
  const context = {
    run,
    deps: { fetchPrice: async () => 41.5, prices },
    signal,
    lease: undefined,
  };
  await refreshPrice(context);
  await refreshPrice({ ...context, run: { ...run, attempt: 2 } });
  expect([...prices]).toEqual([['2026-03-02T09:05:00.000Z', 41.5]]);
});
// #endregion

// #region clock
import { ManualClock, RecordingObserver } from '@cloudiful-scheduler/testkit';

test('runs every five minutes, and a failure does not stop it', async () => {
  const prices = new Map<string, number>();
  const answers = [
    async () => 41.5,
    async () => Promise.reject(new Error('503')),
    async () => 42,
  ];
  const fetchPrice = (): Promise<number> =>
    answers.shift()?.() ?? Promise.reject(new Error('no more'));

  const clock = new ManualClock('2026-03-02T09:00:00Z');
  const observer = new RecordingObserver();
  const scheduler = new Scheduler({ clock, observers: [observer] });
  const handle = scheduler.start(refreshJob({ fetchPrice, prices }));

  await clock.advance(15 * 60_000);

  expect([...prices.values()]).toEqual([41.5, 42]);
  expect(observer.ofType('run_completed').map(({ status }) => status)).toEqual([
    'success',
    'failed',
    'success',
  ]);
  expect(handle.snapshot().nextRunAt).toEqual(new Date('2026-03-02T09:20:00Z'));
  await scheduler.shutdown();
});
// #endregion

// #region restart
import { InMemoryStateStore } from '@cloudiful-scheduler/core';

test('an hour of downtime is made up for by one run', async () => {
  const store = new InMemoryStateStore();
  const clock = new ManualClock('2026-03-02T09:00:00Z');
  const prices = new Map<string, number>();
  const job = refreshJob({ fetchPrice: async () => 41.5, prices });

  const before = new Scheduler({ clock, store });
  before.start(job);
  await clock.advance(6 * 60_000);
  await before.shutdown();

  await clock.advance(60 * 60_000); // nobody is there

  const observer = new RecordingObserver();
  const after = new Scheduler({ clock, store, observers: [observer] });
  after.start(job);
  await clock.settle(); // lets everything happen that needs no time

  const [run] = observer.ofType('run_completed');
  expect(run).toMatchObject({
    catchUp: true,
    scheduledAt: new Date('2026-03-02T10:05:00Z'),
  });
  await after.shutdown();
});
// #endregion

// #region waiting
test('a run that takes too long is aborted at shutdown', async () => {
  const clock = new ManualClock('2026-03-02T09:00:00Z');
  let aborted = false;
  const fetchPrice = (signal: AbortSignal): Promise<number> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted = true;
        reject(signal.reason);
      });
    });
  const scheduler = new Scheduler({ clock });
  scheduler.start(refreshJob({ fetchPrice, prices: new Map() }));
  await clock.advance(5 * 60_000);

  const stopped = scheduler.shutdown({ graceMs: 10_000 }); // not awaited yet: its grace is time, too
  await clock.advance(9_999);
  expect(aborted).toBe(false);
  await clock.advance(1);
  await stopped;
  expect(aborted).toBe(true);
});
// #endregion

// #region step
test('a clock that is set back starts nothing twice', async () => {
  const clock = new ManualClock('2026-03-02T09:00:00Z');
  const prices = new Map<string, number>();
  const scheduler = new Scheduler({ clock });
  scheduler.start(refreshJob({ fetchPrice: async () => 41.5, prices }));
  await clock.advance(5 * 60_000);
  clock.jump(-3 * 60_000); // as an operator or NTP would
  await clock.advance(7 * 60_000);
  expect([...prices.keys()]).toEqual(['2026-03-02T09:05:00.000Z']);
  await clock.advance(60_000);
  expect([...prices.keys()]).toEqual([
    '2026-03-02T09:05:00.000Z',
    '2026-03-02T09:10:00.000Z',
  ]);
  await scheduler.shutdown();
});
// #endregion
