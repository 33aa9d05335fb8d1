import { describe, expect, it } from 'vitest';
import type { Clock } from '../src/clock.js';
import { GuardError } from '../src/errors.js';
import type { ExecutionLease } from '../src/execution-guard.js';
import type { Job, TaskContext } from '../src/job.js';
import { atTimes } from '../src/schedules/at-times.js';
import { every } from '../src/schedules/every.js';
import { START, World } from './fixtures.js';
import { GuardedWorld, shared, slotAt, TOKEN, TTL_MS } from './guarded-world.js';

describe('a guarded run', () => {
  it('holds a lease with a fencing token, renews it, and leaves a done marker', async () => {
    const world = new GuardedWorld(shared());
    world.scheduler({ guard: world.guard }).start(world.job({ takesMs: 5_000, maxRuns: 1 }));
    await world.clock.advance(6_100);
    expect(world.runs[0]?.lease).toMatchObject({ slot: slotAt(1_000), fencingToken: 1, ttlMs: TTL_MS });
    expect(world.count('guard_acquired', 'guard_renewed', 'guard_released', 'guard_lost')).toEqual([
      1, 4, 1, 0,
    ]);
    expect(world.observer.ofType('run_started')[0]).toMatchObject({ fencingToken: 1 });
    expect((await world.guard.inner.acquire(slotAt(1_000), TOKEN)).status).toBe('completed');
    expect(world.guard.tokens).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });

  it('asks with the same token again after a lost reply, and has one lease', async () => {
    const world = new GuardedWorld(shared());
    world.guard.fault = (call) =>
      call === 'acquire' && world.guard.calls.length === 1 ? 'lose_reply' : undefined;
    world.scheduler({ guard: world.guard }).start(world.job({ maxRuns: 1 }));
    await world.clock.advance(2_000);
    expect(new Set(world.guard.tokens).size).toBe(1);
    expect(world.guard.tokens).toHaveLength(2);
    expect(world.scheduled).toEqual([1_000]);
    expect(world.runs[0]?.lease?.fencingToken).toBe(1);
  });

  it('never runs unguarded: it stays claimed and is retried with backoff', async () => {
    const world = new GuardedWorld(shared());
    world.guard.fault = () => 'fail';
    const handle = world.scheduler({ guard: world.guard }).start(world.job({ maxRuns: 1 }));
    await world.clock.advance(60_000);
    expect(world.runs).toEqual([]);
    expect(world.guard.calls.length).toBeGreaterThan(5);
    expect(world.guard.calls.length).toBeLessThan(30);
    expect(handle.snapshot()).toMatchObject({ degraded: true, active: 1 });
    expect((await world.store.load('job'))?.state.inFlight).toHaveLength(1);
    world.guard.fault = () => undefined;
    await world.clock.advance(11_000);
    expect(world.scheduled).toEqual([1_000]);
    expect(world.count('guard_degraded', 'guard_recovered')).toEqual([1, 1]);
    expect(handle.snapshot().degraded).toBe(false);
  });

  it.each([
    new GuardError('ERR_GUARD_DENIED', 'no permission'),
    Object.assign(new Error('not one of ours'), { kind: 'denied' }),
    Object.assign(new Error('not one of ours'), { kind: 'data' }),
  ])('ends the job when the guard refuses for good: %s', async (denied) => {
    const world = new GuardedWorld(shared());
    world.guard.fault = () => denied;
    const handle = world.scheduler({ guard: world.guard }).start(world.job());
    await world.clock.advance(1_100);
    await expect(handle.finished).rejects.toBe(denied);
    expect((await world.store.load('job'))?.state.inFlight).toHaveLength(1);
  });

  it('survives failed renewals while its lease lasts', async () => {
    const world = new GuardedWorld(shared());
    let failures = 0;
    world.guard.fault = (call) => {
      if (call !== 'renew' || failures === 3) return undefined;
      failures += 1;
      return 'fail';
    };
    world.scheduler({ guard: world.guard }).start(world.job({ takesMs: 4_000, maxRuns: 1 }));
    await world.clock.advance(6_000);
    expect(world.count('guard_renew_failed', 'guard_lost', 'guard_released')).toEqual([3, 0, 1]);
    expect(world.runs[0]?.signal.aborted).toBe(false);
  });

  it.each(['fail', 'hang'] as const)(
    'is told before the lease runs out when renewal keeps on: %s',
    async (fault) => {
      const world = new GuardedWorld(shared());
      world.guard.fault = (call) => (call === 'renew' ? fault : undefined);
      let abortedAt: number | undefined;
      const task = ({ signal }: TaskContext<undefined>) =>
        new Promise<void>((_, reject) => {
          signal.addEventListener('abort', () => {
            abortedAt = world.clock.now() - START;
            reject(signal.reason);
          });
        });
      const handle = world.scheduler({ guard: world.guard }).start(world.job({ task, maxRuns: 1 }));
      await world.clock.advance(10_000);
      // Acquired at 1,000 for 3,000 ms, of which a tenth is margin.
      expect(abortedAt).toBe(1_000 + 2_700);
      expect(world.count('guard_lost')).toEqual([1]);
      const report = await handle.finished;
      expect(report.history[0]).toMatchObject({
        status: 'failed',
        error: expect.stringContaining('no longer be trusted'),
      });
    },
  );

  it('is told at once when another has its lease, and does not touch the entry of that other', async () => {
    const world = new GuardedWorld(shared());
    world.scheduler({ guard: world.guard }).start(world.job({ takesMs: 10_000, maxRuns: 1 }));
    await world.clock.advance(1_500);
    const { lease } = world.runs[0] as TaskContext<undefined>;
    await world.guard.inner.release(lease as ExecutionLease, 'abandoned');
    await world.takeLease(1_000);
    const stored = await world.store.load('job');
    const inFlight =
      stored?.state.inFlight.map((entry) => ({ ...entry, owner: 'another', attempt: 2 })) ?? [];
    await world.store.save({ ...stored?.state, inFlight } as never, stored?.revision);
    await world.clock.advance(501);
    expect(world.runs[0]?.signal.aborted).toBe(true);
    expect(world.runs[0]?.signal.reason).toMatchObject({ code: 'ERR_LEASE_LOST' });
    await world.clock.advance(10_000);
    expect((await world.store.load('job'))?.state).toMatchObject({ inFlight, lastRunAt: undefined });
  });

  it('repeats a release that failed, and commits all the same', async () => {
    const world = new GuardedWorld(shared());
    let failures = 0;
    world.guard.fault = (call) => {
      failures += call === 'release' ? 1 : 0;
      return call === 'release' && failures === 1 ? 'lose_reply' : undefined;
    };
    const handle = world.scheduler({ guard: world.guard }).start(world.job({ maxRuns: 1 }));
    await world.clock.advance(2_000);
    expect(world.count('guard_release_failed', 'guard_released', 'guard_lost')).toEqual([1, 1, 0]);
    expect((await handle.finished).state.inFlight).toEqual([]);
  });

  it('asks for its resource where the job says so', async () => {
    const world = new GuardedWorld(shared());
    const job = world.job({ guardScope: 'resource', resourceId: 'table', maxRuns: 1 });
    world.scheduler({ guard: world.guard }).start(job);
    await world.clock.advance(1_500);
    expect(world.runs[0]?.lease?.slot).toEqual({ ...slotAt(1_000), scope: 'resource', resourceId: 'table' });
  });

  it('holds no lease when the time window is closed by then, and leaves a done marker', async () => {
    const world = new GuardedWorld(shared());
    const timeWindow = { segments: [{ start: '09:00', end: '10:00' }] };
    world.scheduler({ guard: world.guard }).start(world.job({ timeWindow, maxRuns: 1 }));
    await world.clock.advance(1_500);
    expect(world.skips).toEqual(['outside_time_window 1']);
    expect(world.runs).toEqual([]);
  });
});

describe('an occurrence that another has', () => {
  it('is consumed here when the store is private', async () => {
    const world = new GuardedWorld();
    await world.takeLease(1_000);
    world.scheduler({ guard: world.guard }).start(world.job());
    await world.clock.advance(2_500);
    expect(world.skips).toEqual(['contended 1']);
    expect(world.count('guard_contended')).toEqual([1]);
    expect(world.scheduled).toEqual([2_000]);
    expect((await world.store.load('job'))?.state.inFlight).toEqual([]);
  });

  it('keeps its entry in a shared store, for its holder or a later probe', async () => {
    const world = new GuardedWorld(shared());
    await world.takeLease(1_000);
    world.scheduler({ guard: world.guard }).start(world.job());
    await world.clock.advance(1_500);
    expect(world.skips).toEqual(['contended 1']);
    expect((await world.store.load('job'))?.state.inFlight).toHaveLength(1);
    // The holder never comes back: its lease runs out at 3,000, and the entry is probed after a ttl.
    await world.clock.advance(4_000);
    expect(world.scheduled[0]).toBe(1_000);
    expect(world.runs[0]?.run.attempt).toBe(2);
  });

  it('is reported as completed and taken out when its holder completed it', async () => {
    const world = new GuardedWorld(shared());
    await world.guard.inner.release(await world.takeLease(1_000), 'completed');
    world.scheduler({ guard: world.guard }).start(world.job());
    await world.clock.advance(2_500);
    expect(world.skips).toEqual(['already_completed 1']);
    expect(world.scheduled).toEqual([2_000]);
    expect((await world.store.load('job'))?.state.inFlight).toEqual([]);
  });
});

describe('the entry of another instance', () => {
  const entry = { catchUp: false, triggerCount: 1, attempt: 1, owner: 'another' };

  async function worldWithEntry(): Promise<GuardedWorld> {
    const world = new GuardedWorld(shared());
    await world.store.save(
      {
        jobId: 'job',
        triggerCount: 1,
        paused: false,
        lastScheduledAt: new Date(START - 500),
        nextRunAt: new Date(START + 60_000),
        inFlight: [{ ...entry, scheduledAt: new Date(START - 500) }],
      },
      undefined,
    );
    return world;
  }

  it('is taken over at start when its lease is free', async () => {
    const world = await worldWithEntry();
    world.scheduler({ guard: world.guard }).start(world.job());
    await world.clock.advance(100);
    expect(world.runs.map(({ run }) => [run.scheduledAt.getTime() - START, run.attempt])).toEqual([
      [-500, 2],
    ]);
  });

  it('is left alone while its lease is renewed, and taken over a ttl after that ended', async () => {
    const world = await worldWithEntry();
    const lease = await world.takeLease(-500);
    world.scheduler({ guard: world.guard }).start(world.job());
    for (let renewals = 0; renewals < 10; renewals += 1) {
      await world.clock.advance(1_000);
      expect(await world.guard.inner.renew(lease)).toBe('renewed');
    }
    expect(world.runs).toEqual([]);
    await world.clock.advance(2 * TTL_MS);
    expect(world.scheduled).toEqual([-500]);
  });

  it('counts for overlap', async () => {
    const world = await worldWithEntry();
    const lease = await world.takeLease(-500);
    const stored = await world.store.load('job');
    await world.store.save(
      { ...stored?.state, nextRunAt: new Date(START + 1_000) } as never,
      stored?.revision,
    );
    world.scheduler({ guard: world.guard }).start(world.job());
    await world.clock.advance(1_500);
    expect(world.skips).toEqual(['overlap 1']);
    await world.guard.inner.renew(lease);
  });

  it('is not taken over when its owner commits first', async () => {
    const world = await worldWithEntry();
    const lease = await world.takeLease(-500);
    world.scheduler({ guard: world.guard }).start(world.job());
    await world.clock.advance(1_000);
    await world.guard.inner.release(lease, 'completed');
    const stored = await world.store.load('job');
    await world.store.save({ ...stored?.state, inFlight: [] } as never, stored?.revision);
    await world.clock.advance(10_000);
    expect(world.runs).toEqual([]);
    expect(world.skips).toEqual([]);
  });
});

describe('instances that decide the same at the same time', () => {
  it('report each disposition once among them', async () => {
    const store = shared();
    const worlds = [new GuardedWorld(store), new GuardedWorld(store), new GuardedWorld(store)];
    const [first] = worlds as [GuardedWorld];
    for (const world of worlds) {
      world.scheduler({ guard: first.guard }).start(world.job({ takesMs: 2_500, maxRuns: 6 }));
    }
    for (let step = 0; step < 120; step += 1) {
      for (const world of worlds) await world.clock.advance(100);
    }
    const runs = worlds.flatMap((world) => world.scheduled);
    const skipped = worlds.flatMap((world) =>
      world.observer.ofType('run_skipped').map(({ scheduledAt }) => scheduledAt.getTime() - START),
    );
    expect([...runs, ...skipped].toSorted((a, b) => a - b)).toEqual([
      1_000, 2_000, 3_000, 4_000, 5_000, 6_000,
    ]);
    expect(runs.length).toBeGreaterThan(1);
    expect(skipped.length).toBeGreaterThan(1);
  });
});

describe('a stalled instance', () => {
  it('does not start what others have taken over and completed since', async () => {
    const world = new GuardedWorld(shared());
    let letGo: () => void = () => {};
    const acquire = world.guard.inner.acquire.bind(world.guard.inner);
    world.guard.inner.acquire = (slot, token) => {
      world.guard.inner.acquire = acquire;
      return new Promise((resolve) => {
        letGo = () => resolve(acquire(slot, token));
      });
    };
    world.scheduler({ guard: world.guard }).start(world.job({ maxRuns: 1 }));
    await world.clock.advance(4_500);
    const stored = await world.store.load('job');
    await world.store.save({ ...stored?.state, inFlight: [] } as never, stored?.revision);
    letGo();
    await world.clock.advance(1_000);
    expect(world.runs).toEqual([]);
    expect(world.count('guard_acquired', 'guard_released')).toEqual([1, 1]);
  });
});

describe('a shared store without a guard', () => {
  it('is reported once at start', async () => {
    const world = new World(shared());
    world.scheduler().start(world.job());
    await world.clock.advance(3_500);
    expect(world.observer.ofType('guard_degraded').map(({ reason }) => reason)).toEqual([
      'shared_store_without_guard',
    ]);
    expect(world.scheduled).toEqual([1_000, 2_000, 3_000]);
  });
});

describe('two instances', () => {
  /** Two schedulers on one store, the second a little later, and what kills both. */
  async function two(world: GuardedWorld, job: Job) {
    let alive = true;
    const clock: Clock = {
      now: () => world.clock.now(),
      monotonic: () => world.clock.monotonic(),
      setTimer: (ms, callback) => world.clock.setTimer(ms, () => alive && callback()),
    };
    for (let i = 0; i < 2; i += 1) {
      world.scheduler({ guard: world.guard, clock }).start(job);
      await world.clock.advance(7);
    }
    return () => {
      alive = false;
    };
  }

  it.each(['skip', 'rerun'] as const)(
    'leave a queued run to the one that claimed it, under %s',
    async (policy) => {
      const world = new GuardedWorld(shared());
      const job = world.job({
        schedule: every(5_000),
        overlapPolicy: 'queue_one',
        interruptedRunPolicy: policy,
        takesMs: 2 * TTL_MS,
      });
      await two(world, job);
      await world.clock.advance(60_000);
      expect(world.observer.ofType('run_started').filter(({ attempt }) => attempt > 1)).toEqual([]);
      expect(world.skips.filter((skip) => !skip.startsWith('overlap'))).toEqual([]);
      expect(world.runs.length).toBeGreaterThan(8);
    },
  );

  it('that start anew catch up after what was interrupted', async () => {
    const world = new GuardedWorld(shared());
    const schedule = every(5_000);
    const kill = await two(world, world.job({ schedule, task: () => new Promise(() => {}) }));
    await world.clock.advance(6_000);
    kill();
    await world.clock.advance(22_000);
    await two(world, world.job({ schedule, takesMs: 2_500 }));
    await world.clock.advance(6_000);
    expect(
      world.runs.map(({ run }) => [run.scheduledAt.getTime() - START, run.attempt, run.catchUp]),
    ).toEqual([
      [5_000, 2, false],
      [30_000, 1, true],
    ]);
    expect(world.skips).toEqual([]);
  });
});

describe('a resource that several jobs share', () => {
  const resource = { guardScope: 'resource', resourceId: 'table' } as const;

  it('is waited for in a shared store, so that no job starves', async () => {
    const world = new GuardedWorld(shared());
    const scheduler = world.scheduler({ guard: world.guard });
    for (const id of ['a', 'b', 'c']) scheduler.start(world.job({ id, ...resource, takesMs: 600 }));
    await world.clock.advance(60_000);
    for (const id of ['a', 'b', 'c']) {
      const runs = world.runs.filter(({ run }) => run.jobId === id);
      expect(runs.length).toBeGreaterThan(10);
      expect(runs.every(({ run }) => run.attempt === 1)).toBe(true);
    }
    expect(world.skips.filter((skip) => skip.startsWith('contended'))).toEqual([]);
    expect(world.observer.ofType('guard_contended').length).toBeGreaterThan(10);
    const tokens = world.runs.map(({ lease }) => lease?.fencingToken ?? 0);
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
  });

  it('holds up no shutdown; the run is the next start’s, as its first attempt', async () => {
    const world = new GuardedWorld(shared());
    const lease = await world.guard.inner.acquire(
      { ...slotAt(0), scope: 'resource', resourceId: 'table' },
      TOKEN,
    );
    if (lease.status !== 'acquired') throw new Error('expected the lease to be free');
    const job = world.job({ ...resource, interruptedRunPolicy: 'skip' });
    const handle = world.scheduler({ guard: world.guard }).start(job);
    await world.clock.advance(1_500);
    expect(handle.snapshot()).toMatchObject({ status: 'waiting', active: 0 });
    await handle.shutdown();
    await world.guard.inner.release(lease.lease, 'abandoned');
    world.scheduler({ guard: world.guard }).start(job);
    await world.clock.advance(100);
    expect(world.scheduled).toEqual([1_000]);
    expect(world.runs[0]?.run.attempt).toBe(1);
  });
});

it('runs each of several triggers in one millisecond', async () => {
  const world = new GuardedWorld();
  const job = world.job({ overlapPolicy: 'allow_parallel' });
  const handle = world.scheduler({ guard: world.guard }).start(job);
  await handle.started;
  for (let i = 0; i < 3; i += 1) {
    expect(await handle.trigger()).toMatchObject({ status: 'triggered' });
  }
  await world.clock.advance(10);
  expect(world.scheduled).toEqual([0, -1, -2]);
  expect(world.skips).toEqual([]);
});

it('an instance learns within two seconds that the last run ended elsewhere', async () => {
  const world = new GuardedWorld(shared());
  const schedule = atTimes([new Date(START + 1_000)]);
  const ends: number[] = [];
  for (let instance = 0; instance < 2; instance += 1) {
    const handle = world.scheduler({ guard: world.guard }).start(world.job({ schedule, takesMs: 500 }));
    void handle.finished.then(() => ends.push(world.clock.now() - START));
  }
  await world.clock.advance(60_000);
  expect(world.runs).toHaveLength(1);
  expect(ends).toHaveLength(2);
  expect(Math.max(...ends)).toBeLessThanOrEqual(3_500);
});
