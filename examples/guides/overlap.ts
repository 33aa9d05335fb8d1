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
  await halfAnHour(overlapPolicy);

/** A job every five minutes whose runs take twelve. */
async function halfAnHour(overlapPolicy: OverlapPolicy): Promise<void> {
  console.log(overlapPolicy);
  const clock = new ManualClock('2026-03-02T09:00:00Z');
  const scheduler = new Scheduler({ clock, observers: [{ onEvent }] });
  const job = defineJob({
    id: 'sync-orders',
    schedule: every({ minutes: 5 }),
    overlapPolicy,
    task: async ({ run }) => {
      console.log(`  ${time(clock.now())} ${time(run.scheduledAt)} begins`);
      await sleep(clock, 12 * 60_000);
      console.log(`  ${time(clock.now())} ${time(run.scheduledAt)} ends`);
    },
  });
  scheduler.start(job);
  await clock.advance(29 * 60_000);
  const stopped = scheduler.shutdown({ graceMs: 3_600_000 });
  await clock.advance(3_600_000);
  await stopped;
}

function onEvent(event: SchedulerEvent): void {
  if (event.type !== 'run_skipped') return;
  console.log(
    `  ${time(event.at)} ${time(event.scheduledAt)} is skipped: ${event.reason}`,
  );
}

function sleep(clock: ManualClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(ms, resolve));
}

function time(instant: Date | number): string {
  return new Date(instant).toISOString().slice(11, 16);
}
// #endregion
