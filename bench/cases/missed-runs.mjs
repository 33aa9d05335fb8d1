import { atTimes, defineJob, every, InMemoryStateStore, Scheduler } from '@cloudiful-scheduler/core';
import { cron } from '@cloudiful-scheduler/schedule-cron';
import { Cron } from 'croner';

export const title = 'Ten years of missed occurrences';
export const about = [
  'From the start of a job whose record is ten years old to the first call of its task (or, where nothing is run, to its',
  'next wait), and how many occurrences were counted on the way. The others keep no state; counting thirty days of missed',
  'minutes with croner shows what stepping through them costs.',
];
export const columns = { ms: 'ms', counted: 'occurrences counted' };
export const plot = { column: 'ms', better: 'less' };
export const rounds = 3;
export const timeoutMs = 30_000;

const YEAR_MS = 365.25 * 86_400_000;
const now = Math.floor(Date.now() / 60_000) * 60_000;
const began = now - 10 * YEAR_MS;

/** Has no `due`, so that the engine steps through it in slices. */
const stepped = {
  kind: 'hourly',
  fingerprint: 'hourly',
  first: (after) => after + 3_600_000,
  next: (after) => after + 3_600_000,
};
const millionTimes = () =>
  atTimes(
    Array.from(
      { length: 1_000_000 },
      (_, index) => new Date(began + Math.floor((index / 1e6) * 10 * YEAR_MS)),
    ),
  );

export const contestants = {
  'ours, every second, catch_up_once': recovering(() => every(1_000), 'catch_up_once'),
  'ours, every second, skip': recovering(() => every(1_000), 'skip'),
  'ours, every second, replay_all': recovering(() => every(1_000), 'replay_all'),
  'ours, cron each minute, catch_up_once': recovering(() => cron('* * * * *'), 'catch_up_once'),
  'ours, cron each minute in Berlin, replay_all': recovering(
    () => cron('* * * * *', { timezone: 'Europe/Berlin' }),
    'replay_all',
  ),
  'ours, a million planned times, catch_up_once': recovering(millionTimes, 'catch_up_once'),
  'ours, a schedule without due, hourly': recovering(() => stepped, 'catch_up_once'),
  'croner, thirty days of minutes, stepped': { measure: steppingCroner },
};

function recovering(makeSchedule, missedRunPolicy) {
  return {
    async measure() {
      // The first time is that of code that was never run; a service has run its own for years.
      await recover(makeSchedule(), missedRunPolicy);
      return recover(makeSchedule(), missedRunPolicy);
    },
  };
}

async function recover(schedule, missedRunPolicy) {
  const store = new InMemoryStateStore();
  const state = { jobId: 'job', triggerCount: 0, paused: false, inFlight: [], nextRunAt: new Date(began) };
  // Without a fingerprint, the schedule counts as unchanged.
  await store.save(state, undefined);
  const scheduler = new Scheduler({ store, lateToleranceMs: 5_000 });
  const from = performance.now();
  const found = await new Promise((resolve) => {
    const done = (counted) => resolve({ ms: performance.now() - from, counted });
    const task = ({ run }) => done(run.triggerCount);
    const handle = scheduler.start(defineJob({ id: 'job', schedule, missedRunPolicy, task }));
    // A job that runs nothing has decided once its state waits for the next occurrence.
    const look = () => {
      const { nextRunAt, triggerCount } = handle.snapshot();
      if (triggerCount > 0 && (nextRunAt === undefined || nextRunAt.getTime() > Date.now() - 5_000)) {
        done(triggerCount);
      } else setImmediate(look);
    };
    look();
  });
  await scheduler.shutdown({ graceMs: 0 });
  return found;
}

function steppingCroner() {
  const job = new Cron('* * * * *', { timezone: 'UTC', paused: true });
  const from = performance.now();
  let counted = 0;
  for (let at = new Date(now - 30 * 86_400_000); at.getTime() <= now; counted += 1) at = job.nextRun(at);
  return { ms: performance.now() - from, counted };
}
