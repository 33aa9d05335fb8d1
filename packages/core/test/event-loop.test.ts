import { ManualClock } from '@cloudiful-scheduler/testkit';
import { expect, it } from 'vitest';
import { systemClock } from '../src/clock.js';
import { defineJob } from '../src/define-job.js';
import { Scheduler } from '../src/engine/scheduler.js';
import { TimerQueue } from '../src/engine/timer-queue.js';
import { TurnBudget } from '../src/engine/turn-budget.js';
import { InMemoryExecutionGuard } from '../src/guards/in-memory-execution-guard.js';
import type { Schedule } from '../src/schedule.js';
import { atTimes } from '../src/schedules/at-times.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';

/** How often the event loop came round while `work` went on. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let going = true;
  const count = (): void => {
    turns += 1;
    if (going) setTimeout(count);
  };
  setTimeout(count);
  await work.finally(() => {
    going = false;
  });
  return turns;
}

const busyFor = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end; );
};

it('goes on while runs that take no turn of their own are replayed', async () => {
  const past = Array.from({ length: 100 }, (_, index) => new Date(systemClock.now() - 10_000 + index));
  const job = defineJob({
    id: 'job',
    schedule: atTimes(past),
    missedRunPolicy: 'replay_all',
    task: () => busyFor(2),
  });
  expect(await turnsDuring(new Scheduler().run(job))).toBeGreaterThan(4);
});

it('goes on while a long stretch of missed occurrences is stepped through', async () => {
  const ticks: Schedule = {
    kind: 'ticks',
    fingerprint: 'ticks',
    first: (now) => now + 1,
    next: (after) => after + 1,
  };
  const store = new InMemoryStateStore();
  const nextRunAt = new Date(systemClock.now() - 3_000_000);
  await store.save({ jobId: 'job', triggerCount: 0, paused: false, inFlight: [], nextRunAt }, undefined);
  let ran: () => void = () => {};
  const firstRun = new Promise<void>((resolve) => {
    ran = resolve;
  });
  const scheduler = new Scheduler({ store });
  scheduler.start(defineJob({ id: 'job', schedule: ticks, task: () => ran() }));
  const turns = await turnsDuring(firstRun);
  await scheduler.shutdown();
  expect(turns).toBeGreaterThan(3);
});

it('a new turn begins before anything else that is due after a stall', () => {
  let now = 100;
  let fire = (): void => {};
  const setTimer = (_: number, callback: () => void) => {
    fire = callback;
    return () => {};
  };
  const clock = { now: () => now, monotonic: () => now, setTimer };
  const timers = new TimerQueue(clock);
  const turn = new TurnBudget(clock, timers);
  for (let step = 0; step < 20; step += 1) expect(turn.isSpent()).toBe(false);
  const spent: boolean[] = [];
  timers.setMonotonic({ dueAt: 0, heapIndex: -1, onDue: () => spent.push(turn.isSpent()) }, 50);
  now = 200;
  expect(turn.isSpent()).toBe(true);
  fire();
  expect(spent).toEqual([false]);
});

it('lets many jobs begin whose probes are all overdue', async () => {
  // Each look at this clock takes a while, as if the process were busy.
  const manual = new ManualClock();
  let spent = 0;
  const clock = {
    now: () => manual.now(),
    monotonic: () => manual.monotonic() + (spent += 0.05),
    setTimer: (ms: number, callback: () => void) => manual.setTimer(ms, callback),
  };
  const store = new InMemoryStateStore({ shared: true });
  const ids = Array.from({ length: 300 }, (_, index) => `job-${index}`);
  const scheduledAt = new Date(manual.now() - 1_000);
  for (const jobId of ids) {
    const inFlight = [{ scheduledAt, catchUp: false, triggerCount: 1, attempt: 1, owner: 'dead' }];
    await store.save(
      { jobId, triggerCount: 1, paused: false, inFlight, nextRunAt: new Date(9e14) },
      undefined,
    );
  }
  let ran = 0;
  const guard = new InMemoryExecutionGuard({ clock });
  const scheduler = new Scheduler({ store, guard, clock });
  const schedule = atTimes([new Date(9e14)]);
  for (const id of ids) scheduler.start(defineJob({ id, schedule, task: () => void (ran += 1) }));
  for (let turn = 0; turn < 100; turn += 1) await manual.advance(10);
  expect(ran).toBe(ids.length);
});
