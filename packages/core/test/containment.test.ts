import { describe, expect, it } from 'vitest';
import { decodeJobState, encodeJobState } from '../src/codec/job-state-codec.js';
import type { SchedulerEvent } from '../src/events.js';
import { atTimes } from '../src/schedules/at-times.js';
import { START, World } from './fixtures.js';
import { GuardedWorld, shared } from './guarded-world.js';

/** Throws whatever it is asked for. */
class Hostile {
  toString(): string {
    throw new Error('not even a text');
  }
}

function errorWith(message: unknown): Error {
  return Object.assign(new Error('text'), { message });
}

describe('a task that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
      'boom',
    ],
    ['rejects', () => Promise.reject(new Error('boom')), 'boom'],
    [
      'throws a text',
      () => {
        throw 'boom';
      },
      'boom',
    ],
    [
      'throws undefined',
      () => {
        throw undefined;
      },
      'undefined',
    ],
    [
      'throws what has no text',
      () => {
        throw new Hostile();
      },
      'an error that has no text',
    ],
    [
      'throws an empty text',
      () => {
        throw '';
      },
      'an error that has no text',
    ],
    ['throws an error without a message', () => Promise.reject(new RangeError()), 'RangeError'],
    ['throws an error whose message is undefined', () => Promise.reject(errorWith(undefined)), 'Error'],
    [
      'throws an error whose message is an object',
      () => Promise.reject(errorWith({})),
      'Error: [object Object]',
    ],
    ['throws an error whose message is a number', () => Promise.reject(errorWith(404)), 'Error: 404'],
    ['throws an error whose message is a bigint', () => Promise.reject(errorWith(7n)), 'Error: 7'],
    [
      'throws an error whose message is a symbol',
      () => Promise.reject(errorWith(Symbol('s'))),
      'an error that has no text',
    ],
    [
      'throws an error with a very long message',
      () => Promise.reject(errorWith('x'.repeat(1_000_000))),
      `${'x'.repeat(10_000)}…`,
    ],
    [
      'throws a long text that would be cut within a character',
      () => Promise.reject(`${'x'.repeat(9_999)}🕰 and more`),
      `${'x'.repeat(9_999)}…`,
    ],
    [
      'returns a thenable that throws',
      () => ({
        then() {
          throw new Error('boom');
        },
      }),
      'boom',
    ],
  ])('%s makes that run failed and harms nothing else', async (_, task, message) => {
    const world = new World();
    const handle = world.scheduler().start(world.job({ task, maxRuns: 2 }));
    await world.clock.advance(2_000);
    const report = await handle.finished;
    expect(report.history.map(({ status, error }) => [status, error])).toEqual([
      ['failed', message],
      ['failed', message],
    ]);
    expect(report.state).toMatchObject({ lastError: message, lastSuccessAt: undefined, triggerCount: 2 });
    expect(decodeJobState(encodeJobState(report.state)).lastError).toBe(message);
  });

  it('leaves its error until a run succeeds', async () => {
    const world = new World();
    let runs = 0;
    const task = () => {
      runs += 1;
      if (runs === 1) throw new Error('boom');
    };
    const handle = world.scheduler().start(world.job({ task, maxRuns: 2 }));
    await world.clock.advance(1_500);
    expect((await world.store.load('job'))?.state.lastError).toBe('boom');
    await world.clock.advance(1_000);
    expect((await handle.finished).state.lastError).toBeUndefined();
  });

  it('that hangs keeps no other job from running', async () => {
    const world = new World();
    const scheduler = world.scheduler();
    const hanging = scheduler.start(world.job({ id: 'hangs', task: () => new Promise(() => {}) }));
    const other = scheduler.start(world.job({ maxRuns: 3 }));
    await world.clock.advance(3_000);
    await other.finished;
    expect(world.scheduled).toEqual([1_000, 2_000, 3_000]);
    expect(hanging.snapshot()).toMatchObject({ status: 'running', active: 1, triggerCount: 3 });
    const stopped = scheduler.shutdown({ graceMs: 1_000 });
    await world.clock.advance(2_000);
    await stopped;
  });
});

/** Changes every date of every event. */
const spoiler = {
  onEvent: (event: SchedulerEvent) => {
    for (const value of Object.values(event)) if (value instanceof Date) value.setTime(0);
  },
};

describe('dates that are handed out', () => {
  it('are copies: changing one changes nothing', async () => {
    const world = new World();
    const spoil = ({ run }: { run: { scheduledAt: Date } }) => void run.scheduledAt.setTime(0);
    const handle = world.scheduler({ observers: [spoiler] }).start(world.job({ task: spoil, maxRuns: 3 }));
    await handle.started;
    handle.snapshot().nextRunAt?.setTime(0);
    await world.clock.advance(4_000);
    const { state } = await handle.finished;
    expect(state).toMatchObject({ triggerCount: 3, inFlight: [], lastScheduledAt: new Date(START + 3_000) });
  });

  it('are copies also under a guard, and when a schedule was edited or a record is put right', async () => {
    const world = new GuardedWorld(shared());
    const stored = { jobId: 'job', triggerCount: 0, paused: false, inFlight: [] };
    await world.store.save(
      { ...stored, scheduleFingerprint: 'another', nextRunAt: new Date(START) },
      undefined,
    );
    await world.store.save({ ...stored, jobId: 'without next run' }, undefined);
    const scheduler = world.scheduler({ guard: world.guard, observers: [world.observer, spoiler] });
    const edited = scheduler.start(world.job({ takesMs: 100, maxRuns: 3 }));
    const repaired = scheduler.start(world.job({ id: 'without next run', maxRuns: 3 }));
    await Promise.all([edited.started, repaired.started]);
    await world.clock.advance(1_500);
    await Promise.all(['job', 'without next run'].map((id) => world.store.delete(id)));
    await world.clock.advance(5_000);
    expect(world.scheduled).toEqual([1_000, 1_000, 2_000, 2_000, 3_000, 3_000]);
    expect(world.count('schedule_changed', 'state_repaired', 'guard_released')).toEqual([1, 3, 6]);
    for (const { state } of [await edited.finished, await repaired.finished])
      expect(state).toMatchObject({ inFlight: [], lastScheduledAt: new Date(START + 3_000) });
  });
});

describe('an observer that throws or rejects', () => {
  it('harms neither the job nor the others', async () => {
    const world = new World();
    const observers = [
      {
        onEvent: () => {
          throw new Error('observer');
        },
      },
      {
        onEvent: (async () => {
          throw new Error('observer');
        }) as (event: SchedulerEvent) => void,
      },
      world.observer,
    ];
    const handle = world.scheduler({ observers }).start(world.job({ maxRuns: 1 }));
    await world.clock.advance(1_000);
    await handle.finished;
    expect(world.observer.types()).toEqual([
      'state_loaded',
      'trigger_emitted',
      'run_started',
      'run_completed',
      'scheduler_stopped',
    ]);
  });
});

describe('a schedule that throws', () => {
  it('fails its own job', async () => {
    const world = new World();
    const scheduler = world.scheduler();
    const schedule = {
      kind: 'broken',
      fingerprint: 'broken',
      first: (now: number) => now + 1_000,
      next: () => {
        throw new Error('schedule');
      },
    };
    const broken = scheduler.start(world.job({ id: 'broken', schedule }));
    const other = scheduler.start(world.job({ maxRuns: 2 }));
    await world.clock.advance(2_000);
    await expect(broken.finished).rejects.toThrow('schedule');
    await other.finished;
    expect(world.scheduled).toEqual([1_000, 2_000]);
  });
});

describe('events', () => {
  it('carry the job and the time, and history keeps what it is asked to', async () => {
    const world = new World();
    const handle = world.scheduler({ historyLimit: 2 }).start(world.job({ maxRuns: 5 }));
    await world.clock.advance(5_000);
    const { history } = await handle.finished;
    expect(history.map(({ scheduledAt }) => scheduledAt.getTime() - START)).toEqual([4_000, 5_000]);
    for (const event of world.observer.events) {
      expect(event.jobId).toBe('job');
      expect(event.at).toBeInstanceOf(Date);
    }
    const none = new World();
    const other = none.scheduler({ historyLimit: 0 }).start(none.job({ maxRuns: 1 }));
    await none.clock.advance(1_000);
    expect((await other.finished).history).toEqual([]);
  });
});

describe('a million planned times', () => {
  it('are decided without stepping through each', async () => {
    const times = Array.from(
      { length: 1_000_000 },
      (_, index) => new Date(START - 2_000_000_000 + index * 2_000),
    );
    const world = new World();
    let asked = 0;
    const schedule = atTimes(times);
    const counted = {
      kind: schedule.kind,
      fingerprint: schedule.fingerprint,
      first: schedule.first.bind(schedule),
      next: (...args: Parameters<typeof schedule.next>) => {
        asked += 1;
        return schedule.next(...args);
      },
      due: schedule.due?.bind(schedule) as NonNullable<typeof schedule.due>,
    };
    const handle = world.scheduler().start(world.job({ schedule: counted }));
    await world.clock.advance(10);
    expect((await handle.finished).state.triggerCount).toBe(1_000_000);
    expect(world.runs).toHaveLength(1);
    expect(asked).toBeLessThan(10);
  });
});

it('a task that changes its lease harms no lease', async () => {
  const world = new GuardedWorld();
  const job = world.job({
    task: ({ run, lease }) => {
      world.runs.push({ run } as never);
      lease?.slot.scheduledAt.setTime(run.scheduledAt.getTime() + 1_000);
    },
  });
  world.scheduler({ guard: world.guard }).start(job);
  await world.clock.advance(5_500);
  expect(world.scheduled).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  expect(world.skips).toEqual([]);
});

it('a time window rule that throws once the lease is held ends its job, and the lease runs out', async () => {
  const world = new GuardedWorld();
  let asked = 0;
  const contains = (): boolean => {
    asked += 1;
    if (asked === 2) throw new Error('boom');
    return true;
  };
  const handle = world.scheduler({ guard: world.guard }).start(world.job({ timeWindow: { contains } }));
  const ended = handle.finished.catch((error: Error) => error.message);
  await world.clock.advance(20_000);
  expect(await ended).toBe('boom');
  expect(handle.snapshot().status).toBe('failed');
  expect(world.clock.pendingTimers).toBe(0);
});
