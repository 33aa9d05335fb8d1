import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { FileStateStore } from '@cloudiful-scheduler/store-file';

const scheduler = new Scheduler({ store: new FileStateStore('./state') });

const job = defineJob({
  id: 'refresh-prices',
  schedule: every({ seconds: 5 }),
  missedRunPolicy: 'catch_up_once', // after downtime one run makes up for all that were missed
  deps: { market: 'A-share' },
  task: async ({ run, deps }) => {
    console.log(deps.market, run.scheduledAt, run.catchUp ? 'catch-up' : 'on time', `attempt ${run.attempt}`);
  },
});

const handle = scheduler.start(job);
process.once('SIGINT', () => void handle.shutdown({ graceMs: 30_000 })); // waits for the current run
const report = await handle.finished;
console.log(report.state.triggerCount, 'occurrences consumed, stopped by', report.stopReason);
