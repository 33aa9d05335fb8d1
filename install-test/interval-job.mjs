// Runs in the project, in Node, Bun and Deno: an interval job, three runs, shutdown.
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';

const scheduler = new Scheduler();
let runs = 0;
let third;
const threeRuns = new Promise((resolve) => {
  third = resolve;
});
const handle = scheduler.start(
  defineJob({
    id: 'interval',
    schedule: every({ milliseconds: 50 }),
    task: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      runs += 1; // on a busy machine an occurrence may be skipped
      if (runs === 3) third();
    },
  }),
);
await threeRuns;
await scheduler.shutdown({ graceMs: 5_000 });
const { stopReason, history } = await handle.finished;
console.log(
  stopReason,
  history
    .slice(0, 3)
    .map(({ status }) => status)
    .join(' '),
);
