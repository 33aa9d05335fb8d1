import { expect, it } from 'vitest';
import { isSchedulerError } from '../src/errors.js';
import { InMemoryExecutionGuard } from '../src/guards/in-memory-execution-guard.js';
import { nextOccurrences } from '../src/next-occurrences.js';
import type { Schedule } from '../src/schedule.js';
import { every } from '../src/schedules/every.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';
import { START, World } from './fixtures.js';

const seconds: Schedule = {
  kind: 'seconds',
  fingerprint: 'seconds',
  first: (now) => now + 1_000,
  next: (after) => after + 1_000,
};
const fastSeconds: Schedule = {
  ...seconds,
  due: (from, through) => {
    const count = Math.floor((through - from) / 1_000) + 1;
    return { count, first: from, last: from + (count - 1) * 1_000 };
  },
};
const answers = (value: unknown) => () => value as never;

it.each<[string, Schedule]>([
  ['first: NaN', { ...seconds, first: answers(Number.NaN) }],
  ['first: null', { ...seconds, first: answers(null) }],
  ['first: a fraction', { ...seconds, first: (now) => now + 0.5 }],
  ['first: beyond all dates', { ...seconds, first: answers(9e15) }],
  ['next: the same instant', { ...seconds, next: (after) => after }],
  ['next: an earlier instant', { ...seconds, next: (after) => after - 1 }],
  ['next: NaN', { ...seconds, next: answers(Number.NaN) }],
  ['next: Infinity', { ...seconds, next: answers(Number.POSITIVE_INFINITY) }],
  ['next: null', { ...seconds, next: answers(null) }],
  ['next: a Date', { ...seconds, next: answers(new Date()) }],

  ['due: no count', { ...seconds, due: answers({}) }],
  ['due: none', { ...seconds, due: answers({ count: 0, first: undefined, last: undefined }) }],
  ['due: last after the end', { ...seconds, due: answers({ count: 9, first: START, last: START * 2 }) }],
  [
    'due: one of many',
    { ...fastSeconds, due: (from, through) => ({ count: 9, first: from, last: through }) },
  ],
])('a schedule that breaks its contract fails its job only: %s', async (_, schedule) => {
  const world = new World();
  const scheduler = world.scheduler();
  const handle = scheduler.start(
    world.job({ id: 'broken', schedule, missedRunPolicy: 'replay_all', replayLimit: 3 }),
  );
  scheduler.start(world.job());
  const outcome = handle.finished.then(
    () => undefined,
    (error: unknown) => error,
  );
  await world.clock.advance(2_500);
  world.clock.jump(60_000);
  await world.clock.advance(31_000);
  const error = await outcome;
  expect(isSchedulerError(error, 'ERR_CONTRACT')).toBe(true);
  expect(String(error)).toContain('seconds');
  expect(handle.snapshot().status).toBe('failed');
  expect(world.runs.some(({ run }) => run.jobId === 'job')).toBe(true);
  await scheduler.shutdown();
});

it('a preview tells it too', () => {
  expect(() => nextOccurrences({ ...seconds, next: (after) => after }, { count: 3 })).toThrow(
    "The schedule 'seconds': next answered",
  );
});

it('a stored next run that is off the schedule counts as one occurrence', async () => {
  const store = new InMemoryStateStore();
  await store.save(
    { jobId: 'job', triggerCount: 0, paused: false, inFlight: [], nextRunAt: new Date(START - 59_500) },
    undefined,
  );
  const world = new World(store);
  const schedule = every(10_000, { anchor: new Date(START) });
  world.scheduler().start(world.job({ schedule, missedRunPolicy: 'replay_all' }));
  await world.clock.advance(0);
  expect(world.scheduled).toEqual([-59_500, -50_000, -40_000, -30_000, -20_000, -10_000, 0]);
});

it('a store that answers nothing but conflicts is asked with pauses', async () => {
  const store = new InMemoryStateStore();
  const world = new World(store);
  const handle = world.scheduler().start(world.job());
  await handle.started;
  const save = store.save.bind(store);
  const conflicts = () => world.observer.ofType('store_conflict').length;
  for (const streak of [1, 2]) {
    let saves = 0;
    store.save = async () => {
      saves += 1;
      return { status: 'conflict' };
    };
    await world.clock.advance(60_000);
    expect(saves).toBeGreaterThan(10);
    expect(saves).toBeLessThan(40);
    expect(conflicts()).toBe(streak);
    expect(handle.snapshot().degraded).toBe(true);
    store.save = save;
    await world.clock.advance(20_000);
    expect(handle.snapshot().degraded).toBe(false);
  }
  await handle.cancel();
});

it('a store that answers something else fails the job', async () => {
  const store = new InMemoryStateStore();
  const world = new World(store);
  store.save = async () => ({ status: 'maybe' }) as never;
  await expect(world.scheduler().run(world.job())).rejects.toMatchObject({ code: 'ERR_CONTRACT' });
});

it.each([
  { status: 'perhaps' },
  { status: 'acquired', lease: { ttlMs: Number.NaN, renewEveryMs: 1 } },
  { status: 'acquired', lease: { ttlMs: 1_000, renewEveryMs: 1_000 } },
  { status: 'acquired' },
  undefined,
])('a guard that answers %o fails the job, which never runs', async (answer) => {
  const world = new World();
  const guard = new InMemoryExecutionGuard({ clock: world.clock });
  guard.acquire = async () => answer as never;
  const finished = world.scheduler({ guard }).run(world.job());
  finished.catch(() => {});
  await world.clock.advance(2_000);
  await expect(finished).rejects.toMatchObject({ code: 'ERR_CONTRACT' });
  expect(world.runs).toEqual([]);
});

it('a guard whose renewals answer something else is not trusted beyond its lease', async () => {
  const world = new World();
  const guard = new InMemoryExecutionGuard({ ttlMs: 3_000, clock: world.clock });
  guard.renew = async () => 'perhaps' as never;
  let reason: unknown;
  const job = world.job({
    task: async ({ signal }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      await world.wait(10_000);
    },
  });
  world.scheduler({ guard }).start(job);
  await world.clock.advance(1_000 + 2_800);
  expect(reason).toMatchObject({ code: 'ERR_LEASE_LOST' });
  expect(world.observer.ofType('guard_renew_failed')[0]?.error).toMatchObject({ code: 'ERR_CONTRACT' });
});

it('a release that answers something else is reported as failed', async () => {
  const world = new World();
  const guard = new InMemoryExecutionGuard({ ttlMs: 3_000, clock: world.clock });
  guard.release = async () => undefined as never;
  world.scheduler({ guard }).start(world.job());
  await world.clock.advance(1_500);
  expect(world.observer.ofType('guard_release_failed')[0]?.error).toMatchObject({ code: 'ERR_CONTRACT' });
});

it('a guard that refuses a probe for good fails the job', async () => {
  const store = new InMemoryStateStore({ shared: true });
  const inFlight = [
    { scheduledAt: new Date(START), catchUp: false, triggerCount: 1, attempt: 1, owner: 'dead' },
  ];
  await store.save({ jobId: 'job', triggerCount: 1, paused: false, inFlight }, undefined);
  const world = new World(store);
  const guard = new InMemoryExecutionGuard({ clock: world.clock });
  guard.acquire = async () => ({ status: 'perhaps' }) as never;
  await expect(world.scheduler({ guard }).run(world.job())).rejects.toMatchObject({ code: 'ERR_CONTRACT' });
});

it('a clock with fractions of a millisecond is taken in whole ones', async () => {
  const world = new World();
  world.clock.jump(0.7);
  const handle = world.scheduler().start(world.job({ maxRuns: 3 }));
  await world.clock.advance(4_000);
  expect((await handle.finished).stopReason).toBe('terminal');
  expect(world.scheduled).toEqual([1_000, 2_000, 3_000]);
});

it('a lease without its slot ends the job, and is not renewed', async () => {
  const world = new World();
  const calls: string[] = [];
  const note = <T>(call: string, answer: T): Promise<T> => {
    calls.push(call);
    return Promise.resolve(answer);
  };
  const lease = { key: 'k', token: 't', fencingToken: 1, ttlMs: 3_000, renewEveryMs: 1_000 };
  const guard = {
    acquire: () => note('acquire', { status: 'acquired', lease } as never),
    renew: () => note('renew', 'renewed' as const),
    release: () => note('release', 'released' as const),
  };
  const handle = world.scheduler({ guard }).start(world.job());
  const ended = handle.finished.catch((error: { code: string }) => error.code);
  await world.clock.advance(20_000);
  expect(await ended).toBe('ERR_CONTRACT');
  expect(calls).toEqual(['acquire']);
});
