import { ManualClock, RecordingObserver } from '@cloudiful-scheduler/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { atTimes } from '../src/schedules/at-times.js';
import { defineJob } from '../src/define-job.js';
import { Scheduler } from '../src/engine/scheduler.js';
import { every } from '../src/schedules/every.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';
import type { JobOptions } from '../src/job.js';

const START = Date.parse('2026-01-01T00:00:00Z');

let clock: ManualClock;
let observer: RecordingObserver;
let store: InMemoryStateStore;
let runs: { at: number; scheduledAt: number; catchUp: boolean }[];

beforeEach(() => {
  clock = new ManualClock(START);
  observer = new RecordingObserver();
  store = new InMemoryStateStore();
  runs = [];
});

function scheduler(): Scheduler {
  return new Scheduler({ clock, store, observers: [observer] });
}

function job(options: Partial<JobOptions> & { takesMs?: number }) {
  const { takesMs = 0, ...rest } = options;
  return defineJob({
    id: 'job',
    schedule: every(1_000),
    task: async ({ run }) => {
      runs.push({
        at: clock.now() - START,
        scheduledAt: run.scheduledAt.getTime() - START,
        catchUp: run.catchUp,
      });
      if (takesMs > 0) await new Promise<void>((resolve) => clock.setTimer(takesMs, resolve));
    },
    ...rest,
  });
}

const at = (...offsets: number[]) => atTimes(offsets.map((offset) => new Date(START + offset)));
const scheduled = () => runs.map((run) => run.scheduledAt);
const skips = () => observer.ofType('run_skipped').map(({ reason, count }) => `${reason} ${count}`);

describe('schedules', () => {
  it('runs an interval first after one interval and then at a fixed rate', async () => {
    scheduler().start(job({ takesMs: 300 }));
    await clock.advance(3_500);
    expect(runs.map((run) => run.at)).toEqual([1_000, 2_000, 3_000]);
  });

  it('waits for the first planned time and ends after the last', async () => {
    const handle = scheduler().start(job({ schedule: at(5_000, 2_000, 2_000) }));
    await clock.advance(10_000);
    expect(runs.map((run) => run.at)).toEqual([2_000, 5_000]);
    expect((await handle.finished).stopReason).toBe('terminal');
  });

  it('finishes at once with an empty list and with maxRuns 0', async () => {
    expect((await scheduler().run(job({ schedule: atTimes([]) }))).stopReason).toBe('terminal');
    expect((await scheduler().run(job({ id: 'other', maxRuns: 0 }))).stopReason).toBe('terminal');
    expect(runs).toEqual([]);
  });

  it('consumes exactly maxRuns occurrences, skipped ones included', async () => {
    const handle = scheduler().start(job({ maxRuns: 4, takesMs: 1_500 }));
    await clock.advance(20_000);
    const report = await handle.finished;
    expect(report.state.triggerCount).toBe(4);
    expect(scheduled()).toEqual([1_000, 3_000]);
    expect(skips()).toEqual(['overlap 1', 'overlap 1']);
  });
});

describe('missed runs', () => {
  const past = () => at(-9_000, -6_000, -3_000, 4_000);

  it('skip drops what was missed', async () => {
    const handle = scheduler().start(job({ schedule: past(), missedRunPolicy: 'skip' }));
    await clock.advance(5_000);
    expect(scheduled()).toEqual([4_000]);
    expect(skips()).toEqual(['missed 3']);
    expect((await handle.finished).state.triggerCount).toBe(4);
  });

  describe('of a schedule that has to be stepped through', () => {
    const SECONDS = 5_000;
    /** A second each, without the fast path. */
    const schedule = {
      kind: 'seconds',
      fingerprint: 'seconds',
      first: (now: number) => now + 1_000,
      next: (after: number) => after + 1_000,
    };
    const dropped = () =>
      observer.ofType('run_skipped').map((event) => ({
        reason: event.reason,
        count: event.count,
        from: event.firstScheduledAt.getTime() - START,
        through: event.scheduledAt.getTime() - START,
        triggerCount: event.triggerCount,
      }));

    beforeEach(async () => {
      const nextRunAt = new Date(START - SECONDS * 1_000 + 1_000);
      await store.save({ jobId: 'job', triggerCount: 0, paused: false, inFlight: [], nextRunAt }, undefined);
    });

    it.each([
      [{ missedRunPolicy: 'skip' }, 'missed', 4_999],
      [{ missedRunPolicy: 'replay_all', replayLimit: 10 }, 'missed', 4_990],
      [{ missedRunPolicy: 'replay_all', catchUpWithinMs: 9_500 }, 'too_late', 4_990],
      [{ catchUpWithinMs: 9_500 }, 'too_late', 4_990],
    ] as const)('a dropped stretch is one event: %j', async (policy, reason, count) => {
      scheduler().start(job({ schedule, ...policy }));
      await clock.advance(500);
      const through = -SECONDS * 1_000 + count * 1_000;
      expect(dropped()).toEqual([{ reason, count, from: -4_999_000, through, triggerCount: count }]);
      expect(scheduled().at(-1)).toBe(0);
      expect((await store.load('job'))?.state.triggerCount).toBe(SECONDS);
    });

    it('a dropped stretch is reported as far as it went when the job is stopped', async () => {
      const save = store.save.bind(store);
      let saves = 0;
      store.save = (...args) => {
        saves += 1;
        return saves === 4 ? new Promise(() => {}) : save(...args);
      };
      const handle = scheduler().start(job({ schedule, missedRunPolicy: 'skip' }));
      await clock.advance(500);
      expect(dropped()).toEqual([]);
      const stopped = handle.cancel();
      await clock.advance(1_000);
      await stopped;
      expect(dropped()).toMatchObject([
        { reason: 'missed', count: 3_000, from: -4_999_000, triggerCount: 3_000 },
      ]);
      expect((await handle.finished).lastSkipReason).toBe('missed');
      expect(observer.types().at(-1)).toBe('scheduler_stopped');
    });
  });

  it('catch_up_once runs the newest once', async () => {
    const handle = scheduler().start(job({ schedule: past() }));
    await clock.advance(5_000);
    expect(runs).toEqual([
      { at: 0, scheduledAt: -3_000, catchUp: true },
      { at: 4_000, scheduledAt: 4_000, catchUp: false },
    ]);
    expect(observer.ofType('trigger_emitted')[0]?.coalesced).toBe(2);
    expect((await handle.finished).state.triggerCount).toBe(4);
  });

  it('replay_all runs each in order, one after another', async () => {
    scheduler().start(job({ schedule: past(), missedRunPolicy: 'replay_all', takesMs: 1_000 }));
    await clock.advance(6_000);
    expect(runs.map((run) => [run.at, run.scheduledAt, run.catchUp])).toEqual([
      [0, -9_000, true],
      [1_000, -6_000, true],
      [2_000, -3_000, true],
      [4_000, 4_000, false],
    ]);
  });

  it('replay_all keeps what comes due meanwhile behind the backlog', async () => {
    scheduler().start(
      job({ schedule: at(-9_000, -6_000, 500), missedRunPolicy: 'replay_all', takesMs: 400 }),
    );
    await clock.advance(3_000);
    expect(scheduled()).toEqual([-9_000, -6_000, 500]);
    expect(skips()).toEqual([]);
  });

  it.each([
    { missedRunPolicy: 'skip' },
    { missedRunPolicy: 'catch_up_once' },
    { missedRunPolicy: 'replay_all', replayLimit: 3 },
    { missedRunPolicy: 'replay_all', replayLimit: 1 },
  ] as const)('a schedule that is faster than the store runs all the same: %j', async (policy) => {
    const save = store.save.bind(store);
    store.save = async (...args) => {
      await new Promise<void>((resolve) => clock.setTimer(25, resolve));
      return save(...args);
    };
    const handle = scheduler().start(job({ schedule: every(10), ...policy }));
    await clock.advance(1_000);
    expect(runs.length).toBeGreaterThan(10);
    const dropped = observer.ofType('run_skipped').reduce((sum, { count }) => sum + count, 0);
    const coalesced = observer.ofType('trigger_emitted').reduce((sum, event) => sum + event.coalesced, 0);
    expect(runs.length + dropped + coalesced).toBe(handle.snapshot().triggerCount);
  });

  it('drops what is older than catchUpWithinMs', async () => {
    scheduler().start(job({ schedule: past(), missedRunPolicy: 'replay_all', catchUpWithinMs: 6_000 }));
    await clock.advance(0);
    expect(scheduled()).toEqual([-6_000, -3_000]);
    expect(skips()).toEqual(['too_late 1']);
  });
});

describe('overlap', () => {
  it('forbid drops what comes due while a run is active', async () => {
    scheduler().start(job({ takesMs: 2_500 }));
    await clock.advance(4_500);
    expect(scheduled()).toEqual([1_000, 4_000]);
    expect(skips()).toEqual(['overlap 1', 'overlap 1']);
  });

  it('queue_one keeps the first that comes due', async () => {
    scheduler().start(job({ overlapPolicy: 'queue_one', takesMs: 3_500, maxRuns: 4 }));
    await clock.advance(20_000);
    expect(runs.map((run) => [run.at, run.scheduledAt])).toEqual([
      [1_000, 1_000],
      [4_500, 2_000],
    ]);
    expect(skips()).toEqual(['overlap 1', 'overlap 1']);
  });

  it('allow_parallel starts it', async () => {
    const handle = scheduler().start(job({ overlapPolicy: 'allow_parallel', takesMs: 2_500 }));
    await clock.advance(3_100);
    expect(handle.snapshot().active).toBe(3);
  });
});

describe('restart', () => {
  it('runs again what a dead process had in flight, then catches up once', async () => {
    const hung = defineJob({ id: 'job', schedule: every(1_000), task: () => new Promise(() => {}) });
    scheduler().start(hung);
    await clock.advance(1_000);
    clock = new ManualClock(START + 5_500);
    scheduler().start(job({ takesMs: 10 }));
    await clock.advance(20);
    expect(scheduled()).toEqual([1_000, 5_000]);
    expect(observer.ofType('run_started').map((event) => event.attempt)).toEqual([1, 2, 1]);
  });
});
