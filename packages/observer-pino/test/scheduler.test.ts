import { defineJob, every, InMemoryExecutionGuard, Scheduler } from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { pinoObserver } from '../src/index.js';
import { loggerInto, type LogLine } from './log-lines.js';

function twoRuns() {
  let runs = 0;
  return defineJob({
    id: 'prices',
    schedule: every({ seconds: 10 }),
    maxRuns: 2,
    task: () => {
      runs += 1;
      if (runs === 2) throw new TypeError('no prices');
    },
  });
}

test('the life of a job, line by line', async () => {
  const lines: LogLine[] = [];
  const clock = new ManualClock('2026-03-01T09:00:00Z');
  const scheduler = new Scheduler({
    clock,
    guard: new InMemoryExecutionGuard({ clock }),
    observers: [pinoObserver(loggerInto(lines))],
  });
  const { finished } = scheduler.start(twoRuns());
  await clock.advance(25_000);
  await finished;

  const run = ['trigger_emitted', 'guard_acquired', 'run_started', 'run_completed', 'guard_released'];
  expect(lines.map((line) => line['event'])).toEqual(['state_loaded', ...run, ...run, 'scheduler_stopped']);
  expect(lines.filter((line) => line['event'] === 'run_completed')).toMatchObject([
    {
      level: 30,
      status: 'success',
      scheduled_at: '2026-03-01T09:00:10.000Z',
      trigger_count: 1,
      lateness_ms: 0,
    },
    {
      level: 50,
      status: 'failed',
      scheduled_at: '2026-03-01T09:00:20.000Z',
      trigger_count: 2,
      duration_ms: 0,
      err: { type: 'TypeError', message: 'no prices' },
    },
  ]);
});

test('a log that always fails harms no run', async () => {
  const clock = new ManualClock();
  const broken = pino(
    { level: 'trace' },
    {
      write: () => {
        throw new Error('disk full');
      },
    },
  );
  const { finished } = new Scheduler({ clock, observers: [pinoObserver(broken)] }).start(twoRuns());
  await clock.advance(25_000);
  expect((await finished).state.triggerCount).toBe(2);
});
