// #region program
import {
  defineJob,
  every,
  type OverlapPolicy,
  Scheduler,
  type SchedulerEvent,
} from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';

for (const overlapPolicy of ['forbid', 'queue_one', 'allow_parallel'] as const)
  await fiveMinutes(overlapPolicy);

/** A job every minute whose first run takes two and a half. */
async function fiveMinutes(overlapPolicy: OverlapPolicy): Promise<void> {
  console.log(overlapPolicy);
  const clock = new ManualClock('2026-03-02T09:00:00Z');
  const scheduler = new Scheduler({ clock, observers: [{ onEvent }] });
  const job = defineJob({
    id: 'sync-orders',
    schedule: every({ minutes: 1 }),
    overlapPolicy,
    task: async ({ run }) => {
      console.log(`  ${time(clock.now())} ${time(run.scheduledAt)} begins`);
      await sleep(clock, run.triggerCount === 1 ? 150_000 : 20_000);
      console.log(`  ${time(clock.now())} ${time(run.scheduledAt)} ends`);
    },
  });
  scheduler.start(job);
  await clock.advance(4 * 60_000 + 30_000);
  await scheduler.shutdown();
}

function onEvent(event: SchedulerEvent): void {
  if (event.type !== 'run_skipped') return;
  console.log(`  ${time(event.at)} ${time(event.scheduledAt)} is skipped: ${event.reason}`);
}

function sleep(clock: ManualClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(ms, resolve));
}

function time(instant: Date | number): string {
  return new Date(instant).toISOString().slice(11, 19);
}
// #endregion
