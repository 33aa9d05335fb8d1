import { describe, expect, it } from 'vitest';
import { StateDataError, StoreError } from '../src/errors.js';
import { ResilientStateStore } from '../src/stores/resilient-state-store.js';
import { FaultyStore, START, World } from './fixtures.js';

describe('a store that does not answer', () => {
  it('makes the engine wait and retry with backoff, running nothing that it could not claim', async () => {
    const store = new FaultyStore();
    const world = new World(store);
    const handle = world.scheduler().start(world.job());
    await world.clock.advance(1_500);
    store.fault = () => 'fail';
    store.calls.length = 0;
    await world.clock.advance(60_000);
    expect(world.scheduled).toEqual([1_000]);
    expect(store.calls.length).toBeGreaterThan(5);
    expect(store.calls.length).toBeLessThan(40);
    expect(world.observer.ofType('store_degraded')).toHaveLength(1);
    expect(handle.snapshot().degraded).toBe(true);
    store.fault = () => undefined;
    await world.clock.advance(11_000);
    expect(world.observer.ofType('store_recovered')).toHaveLength(1);
    expect(handle.snapshot().degraded).toBe(false);
    expect(world.runs[1]?.run).toMatchObject({ catchUp: true });
    expect(world.runs.length).toBeGreaterThan(2);
  });

  it('backs off also when only saving fails', async () => {
    const store = new FaultyStore();
    const world = new World(store);
    const handle = world.scheduler().start(world.job());
    await world.clock.advance(1_500);
    store.fault = (call) => (call === 'save' ? 'fail' : undefined);
    store.calls.length = 0;
    await world.clock.advance(60_000);
    expect(store.calls.length).toBeLessThan(60);
    expect(world.observer.ofType('store_degraded')).toHaveLength(1);
    expect(world.observer.ofType('store_recovered')).toHaveLength(0);
    store.fault = () => undefined;
    await world.clock.advance(11_000);
    expect(world.observer.ofType('store_recovered')).toHaveLength(1);
    expect(handle.snapshot().degraded).toBe(false);
  });

  it('is waited for at start as well', async () => {
    const store = new FaultyStore();
    store.fault = () => 'fail';
    const world = new World(store);
    const handle = world.scheduler().start(world.job());
    let started = false;
    void handle.started.then(() => {
      started = true;
    });
    await world.clock.advance(5_000);
    expect([started, handle.snapshot().status]).toEqual([false, 'starting']);
    store.fault = () => undefined;
    await world.clock.advance(11_000);
    expect(started).toBe(true);
  });

  it('counts as failed when it hangs past the deadline', async () => {
    const store = new FaultyStore();
    const world = new World(store);
    world.scheduler().start(world.job());
    await world.clock.advance(500);
    store.fault = () => 'hang';
    await world.clock.advance(10_499);
    expect(world.observer.ofType('store_degraded')).toEqual([]);
    await world.clock.advance(1);
    expect(world.observer.ofType('store_degraded')[0]).toMatchObject({ kind: 'connection' });
    store.fault = () => undefined;
    await world.clock.advance(2_000);
    expect(world.scheduled[0]).toBe(11_000);
    expect(world.runs[0]?.run).toMatchObject({ catchUp: true });
  });

  it('ends the job when that is asked for', async () => {
    const store = new FaultyStore();
    const world = new World(store);
    const handle = world.scheduler({ onStoreUnavailable: 'fail' }).start(world.job());
    await world.clock.advance(500);
    store.fault = () => 'fail';
    await world.clock.advance(1_000);
    await expect(handle.finished).rejects.toThrow('connection refused');
    expect(world.observer.ofType('scheduler_stopped')[0]).toMatchObject({ reason: 'failed' });
  });

  it('keeps the result of a run until it can be committed', async () => {
    const store = new FaultyStore();
    const world = new World(store);
    const handle = world.scheduler().start(world.job({ takesMs: 300, maxRuns: 1 }));
    await world.clock.advance(1_100);
    store.fault = () => 'fail';
    await world.clock.advance(5_000);
    store.fault = () => undefined;
    await world.clock.advance(11_000);
    const { state } = await handle.finished;
    expect(state).toMatchObject({ inFlight: [], lastSuccessAt: new Date(START + 1_300) });
  });
});

describe('a lost reply', () => {
  it('of a claim does not run the occurrence twice', async () => {
    const store = new FaultyStore();
    const world = new World(store);
    world.scheduler().start(world.job({ maxRuns: 2 }));
    await world.clock.advance(500);
    let lost = false;
    store.fault = (call) => {
      if (call !== 'save' || lost) return undefined;
      lost = true;
      return 'lose_reply';
    };
    await world.clock.advance(2_000);
    expect(world.scheduled).toEqual([1_000, 2_000]);
    expect(world.runs.map(({ run }) => run.attempt)).toEqual([1, 1]);
    expect(world.observer.ofType('trigger_emitted')).toHaveLength(2);
  });

  it('of a commit, a skip or a pause changes nothing', async () => {
    for (let lostSave = 1; lostSave <= 8; lostSave += 1) {
      const store = new FaultyStore();
      const world = new World(store);
      let saves = 0;
      store.fault = (call) => {
        saves += call === 'save' ? 1 : 0;
        return call === 'save' && saves === lostSave ? 'lose_reply' : undefined;
      };
      const handle = world.scheduler().start(world.job({ takesMs: 1_200, maxRuns: 4 }));
      await world.clock.advance(2_500);
      const paused = handle.pause({ scope: 'shared' });
      await world.clock.advance(300);
      await paused;
      const resumed = handle.resume({ scope: 'shared' });
      await world.clock.advance(5_000);
      await resumed;
      const report = await handle.finished;
      expect(report.state).toMatchObject({ triggerCount: 4, inFlight: [], paused: false });
      expect(world.scheduled).toEqual([1_000, 3_000]);
      expect(world.skips).toEqual(['overlap 1', 'overlap 1']);
      expect(world.observer.ofType('paused')).toHaveLength(1);
    }
  });
});

describe('a record', () => {
  it('that vanished under a running job is written again from memory', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ maxRuns: 4 }));
    await world.clock.advance(2_500);
    await world.store.delete('job');
    await world.clock.advance(3_000);
    expect(world.scheduled).toEqual([1_000, 2_000, 3_000, 4_000]);
    expect(world.observer.ofType('state_repaired')).toMatchObject([{ reason: 'record_lost' }]);
    expect((await handle.finished).state.triggerCount).toBe(4);
  });

  it('that fell behind is written again as well', async () => {
    const world = new World();
    world.scheduler().start(world.job({ maxRuns: 4 }));
    await world.clock.advance(1_500);
    const old = await world.store.load('job');
    await world.clock.advance(1_000);
    const current = await world.store.load('job');
    await world.store.save(old?.state as never, current?.revision);
    await world.clock.advance(3_000);
    expect(world.scheduled).toEqual([1_000, 2_000, 3_000, 4_000]);
    expect(world.observer.ofType('state_repaired')).toMatchObject([{ reason: 'record_lost' }]);
  });

  it.each([
    new StateDataError('ERR_STATE_CORRUPT', 'corrupt', { jobId: 'job' }),
    new StateDataError('ERR_STATE_FORMAT', 'from the future', { jobId: 'job' }),
    new StoreError('ERR_STORE_DENIED', 'no permission'),
    Object.assign(new Error('not one of ours'), { kind: 'data' }),
    Object.assign(new Error('not one of ours'), { kind: 'denied' }),
  ])('that cannot be used fails its job and no other: %s', async (error) => {
    const store = new FaultyStore();
    const world = new World(store);
    const load = store.load.bind(store);
    store.load = (jobId) => (jobId === 'job' ? Promise.reject(error) : load(jobId));
    const scheduler = world.scheduler();
    const handle = scheduler.start(world.job());
    scheduler.start(world.job({ id: 'other' }));
    await world.clock.advance(1_500);
    await expect(handle.started).rejects.toBe(error);
    await expect(handle.finished).rejects.toBe(error);
    expect(handle.snapshot().status).toBe('failed');
    expect(world.runs.map(({ run }) => run.jobId)).toEqual(['other']);
    expect(store.calls.filter((call) => call === 'save')).toHaveLength(3);
  });
});

it.each([
  undefined,
  null,
  'down',
  Object.assign(new Error('down'), { kind: 'weather' }),
  Object.defineProperty(new Error('down'), 'kind', {
    get() {
      throw new Error('no kind');
    },
  }),
])('what a store throws and names no kind is retried: %#', async (error) => {
  const store = new FaultyStore();
  const world = new World(store);
  const load = store.load.bind(store);
  let failures = 1;
  store.load = (jobId) => (failures-- > 0 ? Promise.reject(error) : load(jobId));
  world.scheduler().start(world.job());
  await world.clock.advance(3_000);
  expect(world.observer.ofType('store_degraded')).toMatchObject([{ kind: 'unknown' }]);
  expect(world.runs).not.toEqual([]);
});

describe('a resilient store', () => {
  it('keeps jobs going while the primary is away, and hands over when it is back', async () => {
    const primary = new FaultyStore();
    const world = new World(primary);
    const store = new ResilientStateStore(primary, { clock: world.clock, recovery: { probeEveryMs: 1_000 } });
    const handle = world.scheduler({ store }).start(world.job());
    await world.clock.advance(1_500);
    primary.fault = () => 'fail';
    await world.clock.advance(3_000);
    expect(world.scheduled).toEqual([1_000, 2_000, 3_000, 4_000]);
    expect(handle.snapshot().degraded).toBe(true);
    primary.fault = () => undefined;
    await world.clock.advance(3_000);
    expect(handle.snapshot().degraded).toBe(false);
    expect(world.scheduled).toHaveLength(7);
    expect((await primary.inner.load('job'))?.state.triggerCount).toBe(7);
    const types = world.observer.types().filter((type) => type.startsWith('store_'));
    expect(types[0]).toBe('store_degraded');
    expect(types.at(-1)).toBe('store_recovered');
    expect(types).toContain('store_recovery_failed');
    await handle.cancel();
  });

  it('that is degraded already degrades jobs and schedulers that come later', async () => {
    const primary = new FaultyStore({ shared: true });
    const world = new World(primary);
    const store = new ResilientStateStore(primary, {
      clock: world.clock,
      recovery: { probeEveryMs: 1_000 },
      startDegraded: true,
    });
    const scheduler = world.scheduler({ store });
    scheduler.start(world.job());
    await world.clock.advance(1_500);
    primary.fault = () => 'fail';
    await world.clock.advance(1_000);
    const handles = [scheduler, world.scheduler({ store })].map((each) =>
      each.start(world.job({ id: 'later' })),
    );
    await world.clock.advance(0);
    expect(handles.map((handle) => handle.snapshot().degraded)).toEqual([true, true]);
    primary.fault = () => undefined;
    await world.clock.advance(3_000);
    expect(handles.map((handle) => handle.snapshot().degraded)).toEqual([false, false]);
    await Promise.all(handles.map((handle) => handle.cancel()));
  });
});
