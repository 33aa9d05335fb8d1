// #region program
import {
  defineJob,
  every,
  InMemoryStateStore,
  Scheduler,
  type SchedulerEvent,
} from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';

const store = new InMemoryStateStore(); // stands for a store that outlives the process

/** A process that begins at an instant and is gone as soon as nobody moves its clock any more. */
function processAt(instant: string): ManualClock {
  const clock = new ManualClock(instant);
  const job = defineJob({
    id: 'import-trades',
    schedule: every({ hours: 1 }, { anchor: new Date(0) }),
    maxInterruptedReruns: 2,
    task: async ({ run }) => {
      console.log(`  runs ${time(run.scheduledAt)}, attempt ${run.attempt}`);
      if (time(run.scheduledAt) === '10:00') await new Promise(() => {}); // the process dies in here
    },
  });
  new Scheduler({ clock, store, observers: [{ onEvent }] }).start(job);
  return clock;
}

for (const instant of ['09:50', '10:20', '10:25', '10:30']) {
  console.log(`a process starts at ${instant}`);
  await processAt(`2026-03-02T${instant}:00Z`).advance(35 * 60_000);
}

function onEvent(event: SchedulerEvent): void {
  if (event.type === 'state_loaded')
    console.log(`  state ${event.source}, ${event.inFlight} in flight`);
  if (event.type === 'run_skipped')
    console.log(`  skips ${time(event.scheduledAt)}: ${event.reason}`);
}

function time(instant: Date): string {
  return instant.toISOString().slice(11, 16);
}
// #endregion
