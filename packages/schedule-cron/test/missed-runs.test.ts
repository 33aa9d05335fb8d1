import { defineJob, InMemoryStateStore, type MissedRunPolicy, Scheduler } from '@cloudiful-scheduler/core';
import { ManualClock, RecordingObserver } from '@cloudiful-scheduler/testkit';
import { describe, expect, test } from 'vitest';
import { cron } from '../src/index.js';

const HOUR = 3_600_000;
const timezone = 'America/New_York';

interface Downtime {
  readonly expression: string;
  /** The last run before the process went down. */
  readonly lastRun: string;
  readonly down: string;
  readonly up: string;
}

interface Outage extends Downtime {
  readonly name: string;
  readonly missed: readonly string[];
  readonly next: string;
}

const OUTAGES: readonly Outage[] = [
  {
    name: 'fixed hours, over a gap',
    expression: '30 2 * * *',
    lastRun: '2025-03-08T02:30-05:00',
    down: '2025-03-08T12:00-05:00',
    up: '2025-03-11T12:00-04:00',
    missed: ['2025-03-09T03:00-04:00', '2025-03-10T02:30-04:00', '2025-03-11T02:30-04:00'],
    next: '2025-03-12T02:30-04:00',
  },
  {
    name: 'elapsed time, over a gap',
    expression: '30 * * * *',
    lastRun: '2025-03-09T00:30-05:00',
    down: '2025-03-09T00:45-05:00',
    up: '2025-03-09T04:45-04:00',
    missed: ['2025-03-09T01:30-05:00', '2025-03-09T03:30-04:00', '2025-03-09T04:30-04:00'],
    next: '2025-03-09T05:30-04:00',
  },
  {
    name: 'fixed hours, over a repeated hour',
    expression: '30 1 * * *',
    lastRun: '2025-11-01T01:30-04:00',
    down: '2025-11-01T12:00-04:00',
    up: '2025-11-03T12:00-05:00',
    missed: ['2025-11-02T01:30-04:00', '2025-11-03T01:30-05:00'],
    next: '2025-11-04T01:30-05:00',
  },
  {
    name: 'elapsed time, over a repeated hour',
    expression: '30 * * * *',
    lastRun: '2025-11-02T00:30-04:00',
    down: '2025-11-02T00:45-04:00',
    up: '2025-11-02T02:45-05:00',
    missed: ['2025-11-02T01:30-04:00', '2025-11-02T01:30-05:00', '2025-11-02T02:30-05:00'],
    next: '2025-11-02T03:30-05:00',
  },
];

const iso = (instant: string | number): string => new Date(instant).toISOString();

/** Runs a job until it goes down, and again from when it comes up; tells what ran after that. */
async function goThrough(outage: Downtime, missedRunPolicy: MissedRunPolicy) {
  const store = new InMemoryStateStore();
  const clock = new ManualClock(Date.parse(outage.lastRun) - 60_000);
  const ran: string[] = [];
  const job = defineJob({
    id: 'job',
    schedule: cron(outage.expression),
    missedRunPolicy,
    task: ({ run }) => {
      ran.push(`${run.scheduledAt.toISOString()}${run.catchUp ? ' catch-up' : ''}`);
    },
  });
  const before = new Scheduler({ clock, store, timezone });
  before.start(job);
  await clock.advance(Date.parse(outage.down) - clock.now());
  expect(ran).toEqual([iso(outage.lastRun)]);
  await before.shutdown();
  ran.length = 0;

  clock.set(outage.up);
  const observer = new RecordingObserver();
  const after = new Scheduler({ clock, store, timezone, observers: [observer] });
  const handle = after.start(job);
  await handle.started;
  await clock.advance(1_000);
  const nextRunAt = handle.snapshot().nextRunAt?.toISOString();
  await after.shutdown();
  return { ran, nextRunAt, observer };
}

describe.each(OUTAGES)('after an outage: $name', (outage) => {
  const missed = outage.missed.map(iso);

  test('skip drops what was missed', async () => {
    const { ran, nextRunAt, observer } = await goThrough(outage, 'skip');
    expect(ran).toEqual([]);
    const skipped = observer.ofType('run_skipped');
    expect(skipped.map(({ reason }) => reason)).toEqual(skipped.map(() => 'missed'));
    expect(skipped.reduce((sum, { count }) => sum + count, 0)).toBe(missed.length);
    expect(nextRunAt).toBe(iso(outage.next));
  });

  test('catch_up_once runs the newest once', async () => {
    const { ran, nextRunAt, observer } = await goThrough(outage, 'catch_up_once');
    expect(ran).toEqual([`${missed.at(-1)} catch-up`]);
    expect(observer.ofType('trigger_emitted').map(({ coalesced }) => coalesced)).toEqual([missed.length - 1]);
    expect(nextRunAt).toBe(iso(outage.next));
  });

  test('replay_all runs each in order', async () => {
    const { ran, nextRunAt } = await goThrough(outage, 'replay_all');
    expect(ran).toEqual(missed.map((instant) => `${instant} catch-up`));
    expect(nextRunAt).toBe(iso(outage.next));
  });
});

describe('after ten years, each minute of which was missed', () => {
  const decade: Downtime = {
    expression: '* * * * *',
    lastRun: '2015-01-01T00:00-05:00',
    down: '2015-01-01T00:00:30-05:00',
    up: '2025-01-01T00:00:30-05:00',
  };
  const count = 3_653 * 24 * 60;

  test('skip drops all as one stretch, since the newest is late as well', async () => {
    const { ran, observer } = await goThrough(decade, 'skip');
    expect(ran).toEqual([]);
    expect(observer.ofType('run_skipped')).toMatchObject([
      {
        reason: 'missed',
        count,
        firstScheduledAt: new Date('2015-01-01T00:01-05:00'),
        scheduledAt: new Date('2025-01-01T00:00-05:00'),
      },
    ]);
  });

  test('catch_up_once runs the newest', async () => {
    const { ran, observer } = await goThrough(decade, 'catch_up_once');
    expect(ran).toEqual([`${iso('2025-01-01T00:00-05:00')} catch-up`]);
    expect(observer.ofType('trigger_emitted')).toMatchObject([{ coalesced: count - 1 }]);
  });

  test('replay_all drops the oldest and runs the newest thousand in order', async () => {
    const { ran, observer } = await goThrough(decade, 'replay_all');
    const newest = Date.parse('2025-01-01T00:00-05:00');
    expect(ran).toEqual(
      Array.from({ length: 1_000 }, (_, index) => `${iso(newest - (999 - index) * 60_000)} catch-up`),
    );
    expect(observer.ofType('run_skipped')).toMatchObject([{ count: count - 1_000 }]);
  });
});

describe('without an outage', () => {
  async function runsBetween(expression: string, from: string, until: string): Promise<string[]> {
    const clock = new ManualClock(from);
    const ran: string[] = [];
    const scheduler = new Scheduler({ clock, timezone });
    scheduler.start(
      defineJob({
        id: 'job',
        schedule: cron(expression),
        task: ({ run }) => {
          expect(run.scheduledAt.getTime()).toBe(clock.now());
          ran.push(run.scheduledAt.toISOString());
        },
      }),
    );
    await clock.advance(Date.parse(until) - Date.parse(from));
    await scheduler.shutdown();
    return ran;
  }

  test('a fixed time runs once on the days of both changes', async () => {
    expect(await runsBetween('30 2 * * *', '2025-03-09T00:00-05:00', '2025-03-10T12:00-04:00')).toEqual(
      ['2025-03-09T03:00-04:00', '2025-03-10T02:30-04:00'].map(iso),
    );
    expect(await runsBetween('30 1 * * *', '2025-11-02T00:00-04:00', '2025-11-03T12:00-05:00')).toEqual(
      ['2025-11-02T01:30-04:00', '2025-11-03T01:30-05:00'].map(iso),
    );
  });

  test('an hourly job runs every 3,600 seconds', async () => {
    const start = Date.parse('2025-11-02T00:00-04:00');
    const ran = await runsBetween('0 * * * *', iso(start), iso(start + 5 * HOUR));
    expect(ran).toEqual([1, 2, 3, 4, 5].map((hours) => iso(start + hours * HOUR)));
  });

  test('a process that starts inside the repeated hour does not run its times again', async () => {
    expect(await runsBetween('30 1 * * *', '2025-11-02T01:10-05:00', '2025-11-02T12:00-05:00')).toEqual([]);
  });

  test('its own time zone goes before that of the scheduler', async () => {
    const clock = new ManualClock('2025-01-01T00:00Z');
    const handle = new Scheduler({ clock, timezone }).start(
      defineJob({ id: 'job', schedule: cron('0 12 * * *', { timezone: 'Asia/Shanghai' }), task: () => {} }),
    );
    await handle.started;
    expect(handle.snapshot().nextRunAt?.toISOString()).toBe('2025-01-01T04:00:00.000Z');
    await handle.shutdown();
  });
});
