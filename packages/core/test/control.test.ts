import { describe, expect, it } from 'vitest';
import { JobStoppedError } from '../src/errors.js';
import type { Task, TaskContext } from '../src/job.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';
import { FaultyStore, World } from './fixtures.js';

const forever = () => new Promise<never>(() => {});

describe('pause and resume', () => {
  it('stops future triggers, leaves the running task alone, and resumes by the missed-run policy', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ takesMs: 500 }));
    await world.clock.advance(1_100);
    await handle.pause();
    expect(handle.snapshot()).toMatchObject({ status: 'running', active: 1 });
    await world.clock.advance(4_000);
    expect(handle.snapshot().status).toBe('paused');
    expect(world.observer.ofType('run_completed')).toHaveLength(1);
    await handle.resume();
    await world.clock.advance(10);
    expect(world.scheduled).toEqual([1_000, 5_000]);
    expect(world.runs[1]?.run.catchUp).toBe(true);
    expect(world.observer.ofType('paused')[0]?.scope).toBe('local');
    expect(world.observer.ofType('resumed')[0]?.scope).toBe('local');
  });

  it('plain: ends all that its handle paused', async () => {
    const world = new World(new InMemoryStateStore({ shared: true }));
    const handle = world.scheduler().start(world.job());
    await handle.started;
    await handle.pause();
    await handle.pause({ scope: 'shared' });
    await handle.resume();
    expect(handle.snapshot().status).toBe('waiting');
    expect((await world.store.load('job'))?.state.paused).toBe(false);
    void handle.pause({ scope: 'shared' });
    await handle.resume();
    expect(handle.snapshot().status).toBe('waiting');
    await handle.pause({ scope: 'shared' });
    await handle.resume({ scope: 'local' });
    expect(handle.snapshot().status).toBe('paused');
  });

  it('plain: leaves a shared pause of another handle alone, also one that follows its own', async () => {
    const world = new World(new InMemoryStateStore({ shared: true }));
    const handle = world.scheduler().start(world.job());
    const other = world.scheduler().start(world.job());
    await Promise.all([handle.started, other.started]);
    await other.pause({ scope: 'shared' });
    await world.clock.advance(2_000);
    await handle.pause();
    await handle.resume();
    expect(handle.snapshot().status).toBe('paused');
    await other.resume();
    await handle.pause({ scope: 'shared' });
    await other.resume({ scope: 'shared' });
    await world.clock.advance(2_000);
    await other.pause({ scope: 'shared' });
    await world.clock.advance(2_000);
    await handle.resume();
    expect(handle.snapshot().status).toBe('paused');
  });

  it('is not lost before the state is loaded', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job());
    await handle.pause();
    await world.clock.advance(5_000);
    expect(world.runs).toHaveLength(0);
  });

  it('shared: ends also what this instance does not know of yet', async () => {
    const store = new InMemoryStateStore({ shared: true });
    const [first, second] = [new World(store), new World(store)];
    const paused = first.scheduler().start(first.job());
    const resumed = second.scheduler().start(second.job());
    await Promise.all([paused.started, resumed.started]);
    await paused.pause({ scope: 'shared' });
    await resumed.resume({ scope: 'shared' });
    expect((await store.load('job'))?.state.paused).toBe(false);
    expect(second.observer.types().filter((type) => type === 'paused' || type === 'resumed')).toEqual([
      'paused',
      'resumed',
    ]);
  });

  it('shared: holds for every instance and is seen to end within two seconds', async () => {
    const world = new World(new InMemoryStateStore({ shared: true }));
    const first = world.scheduler().start(world.job());
    const second = world.scheduler().start(world.job());
    await world.clock.advance(1_500);
    await first.pause({ scope: 'shared' });
    await world.clock.advance(5_000);
    expect(world.runs).toHaveLength(1);
    expect(second.snapshot().status).toBe('paused');
    await first.resume({ scope: 'shared' });
    await world.clock.advance(0);
    const before = world.runs.length;
    await first.cancel();
    await world.clock.advance(2_000);
    expect(second.snapshot().status).not.toBe('paused');
    await world.clock.advance(1_000);
    expect(world.runs.length).toBeGreaterThan(before);
  });
});

describe('trigger', () => {
  it('runs once now, outside the schedule', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ maxRuns: 2 }));
    await world.clock.advance(300);
    const result = await handle.trigger();
    expect(result).toMatchObject({ status: 'triggered', queued: false });
    expect(world.scheduled).toEqual([300]);
    expect(world.runs[0]?.run).toMatchObject({ manual: true, triggerCount: 0, attempt: 1 });
    await world.clock.advance(5_000);
    expect(world.scheduled).toEqual([300, 1_000, 2_000]);
    expect((await handle.finished).state.triggerCount).toBe(2);
  });

  it('obeys overlap, pause and the end of the job', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ takesMs: 600 }));
    await world.clock.advance(1_100);
    expect(await handle.trigger()).toEqual({ status: 'skipped', reason: 'overlap' });
    await handle.pause();
    await world.clock.advance(1_000);
    expect(await handle.trigger()).toEqual({ status: 'skipped', reason: 'paused' });
    await handle.cancel();
    await expect(handle.trigger()).rejects.toThrow(JobStoppedError);
  });

  it('never shares an occurrence with the schedule', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ overlapPolicy: 'allow_parallel', takesMs: 100 }));
    await world.clock.advance(1_000);
    await handle.trigger();
    await handle.trigger();
    expect(new Set(world.scheduled).size).toBe(3);
    expect(Math.max(...world.scheduled)).toBe(1_000);
  });
});

describe('cancel', () => {
  it.each([0, 1, 2, 3, 4, 5])(
    'ends the job for good while the store answers, %i turns after start',
    async (turns) => {
      const world = new World();
      const handle = world.scheduler().start(world.job());
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await handle.cancel();
      await world.clock.advance(5_000);
      expect((await handle.finished).stopReason).toBe('cancelled');
      expect(handle.snapshot().status).toBe('stopped');
      expect(world.runs).toEqual([]);
      expect(world.observer.ofType('scheduler_stopped')).toHaveLength(1);
      expect(world.observer.types().at(-1)).toBe('scheduler_stopped');
    },
  );

  it('begins no run whose claim is on its way', async () => {
    const world = new World();
    const save = world.store.save.bind(world.store);
    let answer: () => void = () => {};
    const handle = world.scheduler().start(world.job());
    await handle.started;
    world.store.save = (...args) =>
      new Promise((resolve) => {
        answer = () => resolve(save(...args));
      });
    await world.clock.advance(1_000);
    await handle.cancel();
    answer();
    await world.clock.advance(5_000);
    expect(world.runs).toEqual([]);
    expect((await world.store.load('job'))?.state.inFlight).toHaveLength(1);
  });

  it('stops a waiting job at once', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job());
    await handle.started;
    await handle.cancel();
    await handle.cancel();
    expect((await handle.finished).stopReason).toBe('cancelled');
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('aborts the signal and commits what the task makes of it', async () => {
    const world = new World();
    const job = world.job({
      task: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    });
    const handle = world.scheduler().start(job);
    await world.clock.advance(1_500);
    await handle.cancel();
    const report = await handle.finished;
    expect(report.history[0]).toMatchObject({ status: 'failed', error: 'The job "job" was cancelled' });
    expect(report.state.inFlight).toEqual([]);
  });

  it.each<[how: string, wrap: (context: TaskContext<undefined>) => TaskContext<undefined>]>([
    ['spread', (context) => ({ ...context })],
    ['inherited from', (context) => Object.create(context)],
    ['behind a proxy', (context) => new Proxy(context, {})],
  ])('aborts the signal of a context that is %s', async (_how, wrap) => {
    const world = new World();
    const signals: AbortSignal[] = [];
    const task: Task<undefined> = (context) => {
      signals.push(wrap(context).signal);
      return forever();
    };
    const handle = world.scheduler().start(world.job({ task }));
    await world.clock.advance(1_500);
    const cancelled = handle.cancel();
    await world.clock.advance(1_000);
    await cancelled;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('settles although the task hangs, and leaves the run in flight', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ task: forever }));
    await world.clock.advance(1_500);
    const cancelled = handle.cancel();
    await world.clock.advance(1_000);
    await cancelled;
    expect((await handle.finished).state.inFlight).toHaveLength(1);
  });

  it('commits the result of a task that ends later', async () => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ takesMs: 5_000 }));
    await world.clock.advance(1_500);
    const cancelled = handle.cancel();
    await world.clock.advance(1_000);
    await cancelled;
    await world.clock.advance(5_000);
    const stored = await world.store.load('job');
    expect(stored?.state.inFlight).toEqual([]);
    expect(stored?.state.lastSuccessAt).toBeDefined();
  });

  it('is not lost before the state is loaded, and settles although the store hangs', async () => {
    const store = new FaultyStore();
    store.fault = () => 'hang';
    const world = new World(store);
    const handle = world.scheduler().start(world.job());
    const cancelled = handle.cancel();
    await world.clock.advance(1_000);
    await cancelled;
    expect((await handle.finished).stopReason).toBe('cancelled');
    await expect(handle.started).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });

  it('follows the signal given to run()', async () => {
    const world = new World();
    const controller = new AbortController();
    const report = world.scheduler().run(world.job(), { signal: controller.signal });
    await world.clock.advance(1_500);
    controller.abort();
    expect(await report).toMatchObject({ stopReason: 'cancelled', state: { triggerCount: 1 } });
    expect(await world.scheduler().run(world.job(), { signal: AbortSignal.abort() })).toMatchObject({
      stopReason: 'cancelled',
    });
  });
});

describe('shutdown', () => {
  it('waits for the current run and begins no other', async () => {
    const world = new World();
    const scheduler = world.scheduler();
    const handle = scheduler.start(world.job({ takesMs: 2_500 }));
    await world.clock.advance(1_500);
    const stopped = scheduler.shutdown({ graceMs: 10_000 });
    await world.clock.advance(1_900);
    expect(handle.snapshot().status).toBe('stopping');
    await world.clock.advance(200);
    await stopped;
    const report = await handle.finished;
    expect(report).toMatchObject({ stopReason: 'shutdown', state: { inFlight: [] } });
    expect(report.history).toHaveLength(1);
    expect(() => scheduler.start(world.job())).toThrow(
      expect.objectContaining({ code: 'ERR_SCHEDULER_STOPPED' }),
    );
  });

  it('aborts the signal when the grace is over', async () => {
    const world = new World();
    let reason: unknown;
    const job = world.job({
      task: ({ signal }) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        return forever();
      },
    });
    const handle = world.scheduler().start(job);
    await world.clock.advance(1_500);
    const stopped = handle.shutdown({ graceMs: 2_000 });
    await world.clock.advance(3_000);
    await stopped;
    expect(reason).toMatchObject({ code: 'ERR_SHUTDOWN' });
  });

  it('waits for as long as it takes with an infinite grace, unless it is cancelled meanwhile', async () => {
    const graceMs = Number.POSITIVE_INFINITY;
    const world = new World();
    const handle = world.scheduler().start(world.job({ takesMs: 7_200_000 }));
    const scheduler = world.scheduler();
    const hanging = scheduler.start(world.job({ id: 'hangs', task: forever }));
    await world.clock.advance(1_000);
    const stopped = handle.shutdown({ graceMs });
    const never = scheduler.shutdown({ graceMs });
    await world.clock.advance(7_200_000);
    await stopped;
    expect((await handle.finished).history).toMatchObject([{ status: 'success' }]);
    expect(hanging.snapshot().status).toBe('stopping');
    void hanging.cancel();
    await world.clock.advance(1_000);
    await never;
    expect((await hanging.finished).stopReason).toBe('cancelled');
  });

  it('works with await using', async () => {
    const world = new World();
    let handle: ReturnType<ReturnType<World['scheduler']>['start']>;
    {
      await using scheduler = world.scheduler();
      handle = scheduler.start(world.job());
      await handle.started;
    }
    expect(handle.snapshot().status).toBe('stopped');
  });
});

describe('calls after the end', () => {
  it('say how the job ended', async () => {
    const world = new World();
    const finished = world.scheduler().start(world.job({ id: 'finished', maxRuns: 0 }));
    await finished.finished;
    await expect(finished.trigger()).rejects.toMatchObject({ code: 'ERR_JOB_ENDED' });
    await expect(finished.pause({ scope: 'shared' })).rejects.toMatchObject({ code: 'ERR_JOB_ENDED' });
    const cancelled = world.scheduler().start(world.job({ id: 'cancelled' }));
    await cancelled.cancel();
    await expect(cancelled.trigger()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    const shutDown = world.scheduler().start(world.job({ id: 'shut-down', task: forever }));
    await world.clock.advance(1_000);
    void shutDown.shutdown();
    await expect(shutDown.trigger()).rejects.toThrow('The job "shut-down" is shut down');
  });

  it('cancel() in the middle of a shutdown cancels', async () => {
    const world = new World();
    let reason: unknown;
    const task: Task<undefined> = async ({ signal }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      await world.wait(60_000);
    };
    const handle = world.scheduler().start(world.job({ task }));
    await world.clock.advance(1_000);
    void handle.shutdown();
    void handle.cancel();
    await world.clock.advance(1_000);
    expect(reason).toMatchObject({ code: 'ERR_CANCELLED' });
    expect((await handle.finished).stopReason).toBe('cancelled');
  });
});

describe('an end that nobody awaits', () => {
  it('rejects for those who ask and disturbs nobody else', async () => {
    const store = new FaultyStore();
    store.fault = () => Object.assign(new Error('broken'), { kind: 'data' });
    const world = new World(store);
    const failing = world.scheduler({ onStoreUnavailable: 'fail' }).start(world.job());
    await world.clock.advance(10);
    expect(failing.snapshot().status).toBe('failed');
    await expect(failing.finished).rejects.toThrow('broken');
    await expect(failing.started).rejects.toThrow('broken');
  });
});

describe('requests that nobody waits for', () => {
  it('cause no unhandled rejection when the job ends or has ended', async () => {
    const world = new World();
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    const handle = world.scheduler().start(world.job());
    void handle.trigger();
    void handle.pause({ scope: 'shared' });
    await handle.cancel();
    void handle.trigger();
    void handle.pause({ scope: 'shared' });
    void handle.resume({ scope: 'shared' });
    await expect(handle.resume({ scope: 'shared' })).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    await expect(handle.pause({ scope: 'all' as 'local' })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
