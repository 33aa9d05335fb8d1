import { describe, expect, it } from 'vitest';
import type { JobState } from '../src/job-state.js';
import { FaultyStore, START, World } from './fixtures.js';
import { GuardedWorld, shared, slotAt, TTL_MS } from './guarded-world.js';

const DEAD: JobState = {
  jobId: 'job',
  triggerCount: 1,
  paused: false,
  nextRunAt: new Date(START + 1_000),
  lastScheduledAt: new Date(START),
  inFlight: [{ scheduledAt: new Date(START), catchUp: false, triggerCount: 1, attempt: 1, owner: 'dead' }],
};

describe.each(['shutdown', 'cancel'] as const)('%s', (stop) => {
  it('writes what has ended although the first try fails', async () => {
    const store = new FaultyStore();
    const world = new World(store);
    const handle = world.scheduler().start(world.job({ takesMs: 200 }));
    await world.clock.advance(1_100);
    let faults = 1;
    store.fault = (call) => (call === 'save' && faults-- > 0 ? 'fail' : undefined);
    let settledAt = 0;
    void handle[stop]().then(() => {
      settledAt = world.clock.monotonic();
    });
    await world.clock.advance(5_000);
    expect(settledAt).toBeGreaterThan(0);
    expect(settledAt).toBeLessThan(2_500);
    expect((await store.inner.load('job'))?.state.inFlight).toEqual([]);
  });

  it('begins nothing when the answer to a claim comes after all', async () => {
    const store = new FaultyStore();
    const world = new World(store);
    const handle = world.scheduler().start(world.job({ overlapPolicy: 'allow_parallel', takesMs: 5_000 }));
    await world.clock.advance(1_100);
    store.fault = (call) => (call === 'save' ? 'lose_reply' : undefined);
    void handle.trigger().catch(() => {});
    await world.clock.advance(1);
    store.fault = () => undefined;
    void handle[stop](stop === 'shutdown' ? { graceMs: 0 } : undefined);
    await world.clock.advance(20_000);
    expect(world.scheduled).toEqual([1_000]);
    const types = world.observer.types();
    const after = types.slice(types.indexOf('scheduler_stopped'));
    expect(after.filter((type) => type === 'trigger_emitted' || type === 'run_started')).toEqual([]);
    const left = (await store.inner.load('job'))?.state.inFlight;
    expect(left).toMatchObject([{ manual: true, handedBack: true }]);
  });

  it('hands back a queued run whose claim was on its way', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ overlapPolicy: 'queue_one', takesMs: 1_500 }));
    await world.clock.advance(1_100);
    const save = world.store.save.bind(world.store);
    let answer = (): void => {};
    world.store.save = (...args) =>
      new Promise((resolve) => {
        answer = () => resolve(save(...args));
      });
    await world.clock.advance(900);
    void handle[stop]();
    world.store.save = save;
    answer();
    await world.clock.advance(3_000);
    const left = (await world.store.load('job'))?.state.inFlight;
    expect(left).toMatchObject([{ scheduledAt: new Date(START + 2_000), handedBack: true }]);
  });

  it('settles after a lease that was won meanwhile is given back', async () => {
    const world = new GuardedWorld(shared());
    await world.store.save(DEAD, undefined);
    const acquire = world.guard.acquire.bind(world.guard);
    world.guard.acquire = async (...args) => {
      await world.wait(50);
      return acquire(...args);
    };
    const handle = world.scheduler({ guard: world.guard }).start(world.job());
    await world.clock.advance(10);
    void handle[stop]();
    await world.clock.advance(1_000);
    expect(world.runs).toEqual([]);
    expect(world.observer.types().slice(-2)).toEqual(['guard_released', 'scheduler_stopped']);
    expect((await world.guard.inner.acquire(slotAt(0), 'another token')).status).toBe('acquired');
  });
});

describe('a pause', () => {
  it('of this instance leaves what was interrupted to the others', async () => {
    const world = new GuardedWorld(shared());
    await world.store.save(DEAD, undefined);
    const acquire = world.guard.acquire.bind(world.guard);
    world.guard.acquire = async (...args) => {
      await world.wait(20);
      return acquire(...args);
    };
    const first = world.scheduler({ guard: world.guard }).start(world.job({ maxRuns: 3 }));
    await world.clock.advance(10);
    await first.pause();
    world.scheduler({ guard: world.guard }).start(world.job({ maxRuns: 3 }));
    await world.clock.advance(4 * TTL_MS);
    expect(world.runs.map(({ run }) => [run.scheduledAt.getTime() - START, run.attempt])).toEqual([
      [0, 2],
      [1_000, 1],
      [2_000, 1],
    ]);
    expect(world.skips).toEqual([]);
  });

  it.each(['shared', 'local'] as const)('(%s) does not keep a job from its end', async (scope) => {
    const world = new GuardedWorld(shared());
    const job = world.job({ maxRuns: 1, takesMs: 5_000 });
    const first = world.scheduler({ guard: world.guard }).start(job);
    await world.clock.advance(1_100);
    const second = world.scheduler({ guard: world.guard }).start(job);
    await world.clock.advance(10);
    void second.pause({ scope });
    await world.clock.advance(100);
    if (scope === 'shared') void first.resume({ scope });
    await world.clock.advance(20_000);
    expect([first.snapshot().status, second.snapshot().status]).toEqual(['stopped', 'stopped']);
    expect(world.clock.pendingTimers).toBe(0);
  });
});
