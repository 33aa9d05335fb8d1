import { describe, expect, it } from 'vitest';
import { GuardError } from '../src/errors.js';
import { every } from '../src/schedules/every.js';
import { FaultyStore, START, World } from './fixtures.js';
import { GuardedWorld, shared, TTL_MS } from './guarded-world.js';

const HOUR_MS = 3_600_000;
const hourly = every(HOUR_MS, { anchor: new Date(0) });

/** A promise that is settled from outside. */
function gate(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

it.each([
  ['in time', 1_500],
  ['later than it can be trusted', TTL_MS + 500],
])('a lease that is given %s to a job which was cancelled meanwhile is given back', async (_when, tookMs) => {
  const world = new GuardedWorld(shared());
  const slow = gate();
  const asked: Date[] = [];
  const guard = {
    ttlMs: TTL_MS,
    acquire: async (...args: Parameters<typeof world.guard.acquire>) => {
      if (world.clock.now() < START + 3_000) throw new Error('connection refused');
      asked.push(args[0].scheduledAt);
      await slow.promise;
      return world.guard.acquire(...args);
    },
    renew: world.guard.renew.bind(world.guard),
    release: world.guard.release.bind(world.guard),
  };
  const handle = world.scheduler({ guard }).start(world.job());
  while (asked.length === 0) await world.clock.advance(100);
  void handle.cancel();
  await world.clock.advance(tookMs);
  expect(handle.snapshot().status).toBe('stopped');
  slow.open();
  await world.clock.advance(600_000);
  expect(world.guard.calls).toEqual(['acquire', 'release']);
  expect(world.count('guard_acquired', 'guard_released', 'guard_lost')).toEqual([1, 1, 0]);
  expect(world.runs).toEqual([]);
  expect(world.clock.pendingTimers).toBe(0);
  world.scheduler({ guard: world.guard }).start(world.job());
  await world.clock.advance(5_000);
  expect(world.runs.length).toBeGreaterThan(0);
});

it('a lease that a probe was given although its answer was lost is asked for with the same token', async () => {
  const world = new GuardedWorld(shared());
  const entry = { scheduledAt: new Date(START), catchUp: false, triggerCount: 1, attempt: 1, owner: 'gone' };
  const state = { jobId: 'job', triggerCount: 1, paused: false, inFlight: [entry] };
  await world.store.save({ ...state, nextRunAt: new Date(START + 1_000) }, undefined);
  let faults = 1;
  world.guard.fault = () => (faults-- > 0 ? 'lose_reply' : undefined);
  world.scheduler({ guard: world.guard }).start(world.job());
  await world.clock.advance(1_500);
  expect(world.runs[0]?.run).toMatchObject({ scheduledAt: entry.scheduledAt, attempt: 2 });
  const [lost, answered] = world.guard.tokens;
  expect(answered).toBe(lost);
});

describe('a guard whose answers take longer than its leases can be trusted', () => {
  function slowGuard(world: GuardedWorld, isDenied = () => false) {
    return {
      ttlMs: TTL_MS,
      acquire: async (...args: Parameters<typeof world.guard.acquire>) => {
        if (isDenied()) throw new GuardError('ERR_GUARD_DENIED', 'no permission');
        const answer = await world.guard.acquire(...args);
        await world.wait(2_800);
        return answer;
      },
      renew: world.guard.renew.bind(world.guard),
      release: world.guard.release.bind(world.guard),
    };
  }

  it('is reported as degraded', async () => {
    const world = new GuardedWorld(shared());
    const handle = world.scheduler({ guard: slowGuard(world) }).start(world.job());
    await world.clock.advance(4_000);
    expect(handle.snapshot().degraded).toBe(true);
    expect(world.observer.ofType('guard_degraded')[0]?.error).toMatchObject({
      code: 'ERR_TIMEOUT',
      message: 'guard.acquire did not answer within 2700 ms',
    });
    expect(world.runs).toEqual([]);
  });

  it('gets its lease back when the job ends for another reason', async () => {
    const world = new GuardedWorld(shared());
    const guard = slowGuard(world, () => world.guard.calls.length > 0);
    const handle = world.scheduler({ guard }).start(world.job());
    await world.clock.advance(10_000);
    await expect(handle.finished).rejects.toMatchObject({ code: 'ERR_GUARD_DENIED' });
    expect(world.guard.calls).toEqual(['acquire', 'release']);
    expect(world.count('guard_acquired', 'guard_released')).toEqual([1, 1]);
  });
});

it('an answer to an old attempt leaves the newer one of the same occurrence alone', async () => {
  const world = new GuardedWorld(shared());
  const slow = gate();
  let isFirst = true;
  const guard = {
    ttlMs: TTL_MS,
    acquire: async (...args: Parameters<typeof world.guard.acquire>) => {
      if (isFirst) {
        isFirst = false;
        await slow.promise;
      }
      return world.guard.acquire(...args);
    },
    renew: world.guard.renew.bind(world.guard),
    release: world.guard.release.bind(world.guard),
  };
  const handle = world.scheduler({ guard }).start(
    world.job({
      overlapPolicy: 'allow_parallel',
      maxRuns: 1,
      task: async (context) => {
        world.runs.push(context);
        await new Promise(() => {});
      },
    }),
  );
  await world.clock.advance(1_000);
  const stored = await world.store.load('job');
  const [entry] = stored?.state.inFlight ?? [];
  if (stored === undefined || entry === undefined) throw new Error('expected a claim');
  // Another instance takes it over and dies; its claim is found by a run by hand.
  const taken = { ...entry, attempt: 2, owner: 'another' };
  await world.store.save({ ...stored.state, inFlight: [taken] }, stored.revision);
  await handle.trigger();
  await world.clock.advance(3 * TTL_MS);
  expect(world.runs.map(({ run }) => run.attempt)).toEqual([1, 3]);
  expect(handle.snapshot().active).toBe(2);
  slow.open();
  await world.clock.advance(10);
  expect(handle.snapshot().active).toBe(2);
  void handle.shutdown({ graceMs: 1_000 });
  const signals = world.runs.map(({ signal }) => signal);
  await world.clock.advance(1_000);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

it('a result whose answer was lost does not take the next one with it', async () => {
  const store = new FaultyStore();
  const world = new World(store);
  const gates = [gate(), gate()];
  const handle = world.scheduler().start(
    world.job({
      overlapPolicy: 'allow_parallel',
      task: (context) => gates[world.runs.push(context) - 1]?.promise,
    }),
  );
  await world.clock.advance(2_500);
  void handle.cancel();
  await world.clock.advance(1_500);
  let faults = 1;
  store.fault = (call) => (call === 'save' && faults-- > 0 ? 'lose_reply' : undefined);
  gates[0]?.open();
  await world.clock.advance(100);
  gates[1]?.open();
  await world.clock.advance(60_000);
  expect((await store.inner.load('job'))?.state.inFlight).toEqual([]);
});

it('a record whose removal was not answered is reported as removed', async () => {
  const store = new FaultyStore();
  const world = new World(store);
  store.fault = (call) => (call === 'delete' ? 'lose_reply' : undefined);
  world.scheduler({ terminalStatePolicy: 'delete' }).start(world.job({ maxRuns: 1 }));
  await world.clock.advance(30_000);
  expect(world.observer.types().slice(-2)).toEqual(['terminal_state_deleted', 'scheduler_stopped']);
});

it('a store is well again once what it failed to save was saved by another instance', async () => {
  const store = new FaultyStore({ shared: true });
  const world = new World(store);
  const other = new World(store.inner);
  const handle = world.scheduler().start(world.job({ schedule: hourly }));
  const twin = other.scheduler({ clock: world.clock }).start(other.job({ schedule: hourly }));
  await Promise.all([handle.started, twin.started]);
  await world.clock.advance(HOUR_MS - (world.clock.now() % HOUR_MS) - 1);
  let faults = 1;
  store.fault = (call) => (call === 'save' && faults-- > 0 ? 'fail' : undefined);
  await world.clock.advance(60_000);
  expect([handle.snapshot().triggerCount, handle.snapshot().degraded]).toEqual([1, false]);
  expect(world.observer.ofType('store_degraded')).toHaveLength(1);
  expect(world.observer.ofType('store_recovered')).toHaveLength(1);
});

it('a call that is never answered does not keep the timer of a cancelled job', async () => {
  const store = new FaultyStore();
  store.fault = () => 'hang';
  const world = new World(store);
  const handle = world.scheduler().start(world.job());
  await world.clock.advance(10);
  void handle.cancel();
  await world.clock.advance(1_001);
  expect(handle.snapshot().status).toBe('stopped');
  expect(world.clock.pendingTimers).toBe(0);
});
