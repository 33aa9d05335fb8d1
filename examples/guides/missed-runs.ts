// #region program
import {
  defineJob,
  every,
  InMemoryStateStore,
  Scheduler,
} from '@cloudiful-scheduler/core';
import type {
  MissedRunPolicy,
  SchedulerEvent,
} from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';

for (const missedRunPolicy of ['skip', 'catch_up_once', 'replay_all'] as const)
  await outage(missedRunPolicy);

/** A job every five minutes, in a process that is down from 09:17 to 09:38. */
async function outage(missedRunPolicy: MissedRunPolicy): Promise<void> {
  console.log(missedRunPolicy);
  const clock = new ManualClock('2026-03-02T09:00:00Z');
  const store = new InMemoryStateStore();
  const job = defineJob({
    id: 'refresh-prices',
    schedule: every({ minutes: 5 }),
    missedRunPolicy,
    task: ({ run }) => {
      console.log(
        `  ${time(clock.now())} runs ${time(run.scheduledAt)}${run.catchUp ? ', a catch-up' : ''}`,
      );
    },
  });

  const first = new Scheduler({ clock, store, observers: [{ onEvent }] });
  first.start(job);
  await clock.advance(17 * 60_000);
  await first.shutdown();

  await clock.advance(21 * 60_000); // down: 09:20 to 09:35 are missed
  const second = new Scheduler({ clock, store, observers: [{ onEvent }] });
  second.start(job);
  await clock.advance(3 * 60_000);
  await second.shutdown();
}

function onEvent(event: SchedulerEvent): void {
  if (event.type !== 'run_skipped') return;
  console.log(
    `  ${time(event.at)} skips ${event.count} until ${time(event.scheduledAt)}: ${event.reason}`,
  );
}

function time(instant: Date | number): string {
  return new Date(instant).toISOString().slice(11, 16);
}
// #endregion

// #region limits
defineJob({
  id: 'import-trades',
  schedule: every({ minutes: 1 }),
  missedRunPolicy: 'replay_all',
  replayLimit: 500, // at most the newest 500 are replayed; default 1,000
  catchUpWithinMs: 6 * 3_600_000, // nothing that is older than six hours
  task: () => {},
});
// #endregion
