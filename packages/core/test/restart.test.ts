import { ManualClock } from '@cloudiful-scheduler/testkit';
import { describe, expect, it } from 'vitest';
import type { JobState } from '../src/job-state.js';
import type { ScheduleContext } from '../src/schedule.js';
import { atTimes } from '../src/schedules/at-times.js';
import { every } from '../src/schedules/every.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';
import { START, World } from './fixtures.js';

const forever = () => new Promise<never>(() => {});
const plainSecond = {
  kind: 'plain',
  fingerprint: 'plain second',
  first: (now: number) => now + 1_000,
  next: (after: number) => after + 1_000,
};
const date = (offset: number) => new Date(START + offset);

/** Midnight of the time zone that it is asked in. */
function midnights() {
  const DAY = 86_400_000;
  const zones = { UTC: 0, 'Asia/Shanghai': 8 * 3_600_000 } as const;
  const offset = (timezone: string) => zones[timezone as keyof typeof zones];
  const midnight = (after: number, timezone: string) =>
    Math.floor((after + offset(timezone)) / DAY + 1) * DAY - offset(timezone);
  return {
    kind: 'midnight',
    fingerprint: 'midnight',
    followsTimezone: true,
    first: (now: number, { timezone }: ScheduleContext) => midnight(now, timezone),
    next: (after: number, { timezone }: ScheduleContext) => midnight(after, timezone),
  };
}

async function storeWith(state: Partial<JobState>): Promise<InMemoryStateStore> {
  const store = new InMemoryStateStore();
  await store.save({ jobId: 'job', triggerCount: 0, paused: false, inFlight: [], ...state }, undefined);
  return store;
}

/** A process that dies in the middle of the run of its first occurrence, and what it leaves. */
async function deadAtFirstRun(): Promise<InMemoryStateStore> {
  const world = new World();
  world.scheduler().start(world.job({ task: forever }));
  await world.clock.advance(1_000);
  return world.store as InMemoryStateStore;
}

describe('runs that a stop finds before they began', () => {
  /** One run lasts, one is queued behind it, and the scheduler is stopped. */
  async function stopped(stop: 'cancel' | 'shutdown') {
    const world = new World();
    const handle = world.scheduler().start(world.job({ overlapPolicy: 'queue_one', takesMs: 1_700 }));
    await world.clock.advance(2_500);
    expect(handle.snapshot()).toMatchObject({ active: 1, queued: 1 });
    const ended = handle[stop]();
    await world.clock.advance(1_000);
    await ended;
    return world.store as InMemoryStateStore;
  }

  it.each(['cancel', 'shutdown'] as const)(
    'are left by %s to the next start, whatever the policy',
    async (stop) => {
      for (const interruptedRunPolicy of ['skip', 'rerun'] as const) {
        const store = await stopped(stop);
        const world = new World(store, START + 3_600);
        world.scheduler().start(world.job({ interruptedRunPolicy, maxInterruptedReruns: 0 }));
        await world.clock.advance(10);
        expect(world.runs[0]?.run).toMatchObject({ scheduledAt: date(2_000), attempt: 1 });
        expect(world.skips).toEqual([]);
      }
    },
  );

  it('are counted from then on as interrupted ones are', async () => {
    const store = await stopped('shutdown');
    const second = new World(store, START + 3_600);
    second.scheduler().start(second.job({ task: forever }));
    await second.clock.advance(10);
    const third = new World(store, START + 3_700);
    third.scheduler().start(third.job());
    await third.clock.advance(10);
    expect(third.runs[0]?.run).toMatchObject({ scheduledAt: date(2_000), attempt: 2 });
  });

  it('a claim that was on its way when the job was cancelled is left in the same way', async () => {
    const world = new World();
    const save = world.store.save.bind(world.store);
    const handle = world.scheduler().start(world.job());
    await handle.started;
    let answer = (): void => {};
    world.store.save = (...args) =>
      new Promise((resolve) => {
        answer = () => resolve(save(...args));
      });
    await world.clock.advance(1_000);
    await handle.cancel();
    answer();
    world.store.save = save;
    await world.clock.settle();
    world.scheduler().start(world.job({ interruptedRunPolicy: 'skip' }));
    await world.clock.advance(10);
    expect(world.runs[0]?.run).toMatchObject({ scheduledAt: date(1_000), attempt: 1 });
  });
});

describe('interrupted runs', () => {
  it('are run again with the next attempt before anything else is caught up', async () => {
    const world = new World(await deadAtFirstRun(), START + 5_500);
    world.scheduler().start(world.job({ takesMs: 100 }));
    await world.clock.advance(300);
    expect(
      world.runs.map(({ run }) => [run.scheduledAt.getTime() - START, run.attempt, run.catchUp]),
    ).toEqual([
      [1_000, 2, false],
      [5_000, 1, true],
    ]);
    expect(world.observer.ofType('state_loaded')[0]).toMatchObject({ source: 'restored', inFlight: 1 });
  });

  it('are skipped and reported when the policy says so', async () => {
    const world = new World(await deadAtFirstRun(), START + 1_500);
    world.scheduler().start(world.job({ interruptedRunPolicy: 'skip' }));
    await world.clock.advance(10);
    expect(world.skips).toEqual(['interrupted 1']);
    expect((await world.store.load('job'))?.state.inFlight).toEqual([]);
  });

  it('are not run again for ever', async () => {
    const store = await deadAtFirstRun();
    for (const attempt of [2, 3]) {
      const world = new World(store, START + 1_500);
      world.scheduler().start(world.job({ task: forever, maxInterruptedReruns: 2 }));
      await world.clock.advance(10);
      expect(world.observer.ofType('run_started')[0]?.attempt).toBe(attempt);
    }
    const world = new World(store, START + 1_500);
    world.scheduler().start(world.job({ maxInterruptedReruns: 2 }));
    await world.clock.advance(10);
    expect(world.skips).toEqual(['interrupted 1']);
    expect(world.runs).toEqual([]);
  });

  it('a queued run is not lost by a crash', async () => {
    const first = new World();
    first.scheduler().start(first.job({ task: forever, overlapPolicy: 'queue_one' }));
    await first.clock.advance(2_500);
    const world = new World(first.store, START + 2_500);
    world.scheduler().start(world.job({ overlapPolicy: 'queue_one', takesMs: 50 }));
    await world.clock.advance(200);
    expect(world.scheduled).toEqual([1_000, 2_000]);
  });
});

describe('stored state', () => {
  it('is saved at start, so that restarts do not put the first run off', async () => {
    const first = new World();
    first.scheduler().start(first.job({ schedule: every({ hours: 1 }) }));
    await first.clock.advance(1_800_000);
    const world = new World(first.store, START + 1_800_000);
    world.scheduler().start(world.job({ schedule: every({ hours: 1 }) }));
    await world.clock.advance(1_800_000);
    expect(world.scheduled).toEqual([3_600_000]);
  });

  it('of a Rust service is gone on from', async () => {
    const world = new World(
      await storeWith({ triggerCount: 7, nextRunAt: date(2_000), lastRunAt: date(-5_000) }),
    );
    world.scheduler().start(world.job());
    await world.clock.advance(2_000);
    expect(world.scheduled).toEqual([2_000]);
    expect(world.runs[0]?.run.triggerCount).toBe(8);
  });

  it('without a next run is repaired unless it is terminal', async () => {
    const world = new World(await storeWith({ triggerCount: 3 }));
    world.scheduler().start(world.job());
    await world.clock.advance(1_000);
    expect(world.scheduled).toEqual([1_000]);
    expect(world.observer.ofType('state_loaded')[0]?.source).toBe('repaired');
    expect(world.observer.ofType('state_repaired')[0]?.reason).toBe('missing_next_run');

    const terminal = new World(await storeWith({ triggerCount: 3 }));
    expect((await terminal.scheduler().run(terminal.job({ maxRuns: 3 }))).stopReason).toBe('terminal');
    const finished = new World(await storeWith({ triggerCount: 2 }));
    const schedule = atTimes([date(-2_000), date(-1_000)]);
    expect((await finished.scheduler().run(finished.job({ schedule }))).stopReason).toBe('terminal');
    expect(finished.runs).toEqual([]);
  });

  it('of another schedule is computed anew', async () => {
    const far = { nextRunAt: date(1e9), scheduleFingerprint: every({ hours: 24 }).fingerprint };
    const world = new World(await storeWith(far));
    world.scheduler().start(world.job());
    await world.clock.advance(1_000);
    expect(world.scheduled).toEqual([1_000]);
    expect(world.observer.ofType('schedule_changed')[0]).toMatchObject({
      previousFingerprint: far.scheduleFingerprint,
      previousNextRunAt: far.nextRunAt,
      nextRunAt: date(1_000),
    });
  });

  it('of other planned times goes on after the last one consumed', async () => {
    const first = new World();
    const planned = (...offsets: number[]) => atTimes(offsets.map(date));
    await first.scheduler().run(first.job({ schedule: planned(-2_000, -1_000) }));
    const world = new World(first.store);
    world
      .scheduler()
      .start(world.job({ schedule: planned(-2_000, -1_000, -500, 1_000), missedRunPolicy: 'replay_all' }));
    await world.clock.advance(1_000);
    expect(world.scheduled).toEqual([-500, 1_000]);
  });

  it('of another time zone is computed anew when the schedule follows it', async () => {
    const schedule = midnights();
    const first = new World();
    const handle = first.scheduler().start(first.job({ schedule }));
    await handle.started;
    await handle.cancel();
    const world = new World(first.store);
    const moved = world.scheduler({ timezone: 'Asia/Shanghai' }).start(world.job({ schedule }));
    await moved.started;
    expect(moved.snapshot().nextRunAt).toEqual(new Date('2026-01-01T16:00:00Z'));
    expect(world.observer.ofType('schedule_changed')).toMatchObject([
      { previousFingerprint: 'midnight', fingerprint: 'midnight in Asia/Shanghai' },
    ]);
  });

  it('of a schedule that follows UTC has its fingerprint alone, and goes on from what was missed', async () => {
    const schedule = { ...plainSecond, followsTimezone: true };
    const world = new World(
      await storeWith({ nextRunAt: date(-3_000), scheduleFingerprint: 'plain second' }),
    );
    const handle = world.scheduler().start(world.job({ schedule }));
    await handle.started;
    expect((await world.store.load('job'))?.state.scheduleFingerprint).toBe(schedule.fingerprint);
    await world.clock.advance(0);
    expect(world.observer.ofType('schedule_changed')).toEqual([]);
    expect(world.runs[0]?.run).toMatchObject({ scheduledAt: date(0), catchUp: true });
  });

  it("of a job with a time zone of its own is in that one, not in the scheduler's", async () => {
    const world = new World();
    const scheduler = world.scheduler({ timezone: 'UTC' });
    const job = world.job({ schedule: midnights(), timezone: 'Asia/Shanghai' });
    scheduler.start(job);
    await world.clock.advance(24 * 3_600_000);
    expect(world.runs.map(({ run }) => [run.scheduledAt, run.timezone])).toEqual([
      [new Date('2026-01-01T16:00:00Z'), 'Asia/Shanghai'],
    ]);
    expect((await world.store.load('job'))?.state).toMatchObject({
      scheduleFingerprint: 'midnight in Asia/Shanghai',
      nextRunAt: new Date('2026-01-02T16:00:00Z'),
    });
  });

  it('without a fingerprint counts as unchanged', async () => {
    const world = new World(await storeWith({ nextRunAt: date(700) }));
    world.scheduler().start(world.job());
    await world.clock.advance(1_000);
    expect(world.scheduled).toEqual([700]);
    expect(world.observer.ofType('schedule_changed')).toEqual([]);
  });

  it('is removed at the end when asked for', async () => {
    const world = new World();
    const handle = world.scheduler({ terminalStatePolicy: 'delete' }).start(world.job({ maxRuns: 1 }));
    await world.clock.advance(1_000);
    await handle.finished;
    expect(await world.store.load('job')).toBeUndefined();
    expect(world.observer.types().slice(-2)).toEqual(['terminal_state_deleted', 'scheduler_stopped']);
  });
});

describe('time', () => {
  it('a clock that is stepped forward brings a catch-up within half a minute', async () => {
    const world = new World();
    world.scheduler().start(world.job({ schedule: every({ hours: 1 }) }));
    await world.clock.advance(1_000);
    world.clock.jump(3 * 3_600_000);
    await world.clock.advance(30_000);
    expect(world.runs).toHaveLength(1);
    expect(world.runs[0]?.run.catchUp).toBe(true);
  });

  it('a clock that is stepped back starts nothing early', async () => {
    const world = new World();
    world.scheduler().start(world.job());
    await world.clock.advance(900);
    world.clock.jump(-60_000);
    await world.clock.advance(60_000);
    expect(world.runs).toHaveLength(0);
    await world.clock.advance(200);
    expect(world.runs).toHaveLength(1);
  });

  it('waits longer than a timer can, and keeps one timer for all jobs', async () => {
    const world = new World();
    const scheduler = world.scheduler();
    for (let index = 0; index < 50; index += 1) {
      scheduler.start(world.job({ id: `job ${index}`, schedule: every({ hours: 24 * 40 }) }));
    }
    await world.clock.advance(0);
    expect(world.clock.pendingTimers).toBe(1);
  });

  it('decides ten years of missed seconds as one', async () => {
    const tenYears = 10 * 365 * 86_400_000;
    const world = new World(
      await storeWith({ nextRunAt: date(-tenYears), lastScheduledAt: date(-tenYears - 1_000) }),
    );
    expect(world.clock).toBeInstanceOf(ManualClock);
    world.scheduler().start(world.job());
    await world.clock.advance(0);
    expect(world.observer.ofType('trigger_emitted')[0]?.coalesced).toBe(tenYears / 1_000);
  });
});

it('a limit below what was consumed leaves no next run', async () => {
  const world = new World(await storeWith({ triggerCount: 9, nextRunAt: date(1_000) }));
  const report = await world.scheduler().run(world.job({ maxRuns: 5 }));
  expect(report).toMatchObject({ stopReason: 'terminal', state: { triggerCount: 9, nextRunAt: undefined } });
});

it('a job that has no runs left ends although it is paused', async () => {
  const world = new World(await storeWith({ paused: true }));
  expect((await world.scheduler().run(world.job({ maxRuns: 0 }))).stopReason).toBe('terminal');
});

it('a record that another instance removed at the end of the job is not written again', async () => {
  const store = new InMemoryStateStore({ shared: true });
  const world = new World(store);
  const options = { terminalStatePolicy: 'delete' } as const;
  const job = world.job({ schedule: every(1_000, { anchor: new Date(START) }), maxRuns: 3 });
  const second = world.scheduler(options).start(job);
  await second.started;
  await second.pause();
  const first = world.scheduler(options).run(job);
  await world.clock.advance(4_000);
  await first;
  void second.resume();
  await world.clock.advance(5_000);
  expect((await second.finished).stopReason).toBe('terminal');
  expect(world.scheduled).toEqual([1_000, 2_000, 3_000]);
  expect(await store.load('job')).toBeUndefined();
});

it('a schedule that another instance has edited is reported once, also under a shared pause', async () => {
  const world = new World(new InMemoryStateStore({ shared: true }));
  const handle = world.scheduler().start(world.job());
  await handle.started;
  await handle.pause({ scope: 'shared' });
  const other = new World(world.store);
  other.scheduler({ clock: world.clock }).start(other.job({ schedule: every(61_000) }));
  await world.clock.advance(600_000);
  expect(world.observer.ofType('schedule_changed')).toHaveLength(1);
});
