// Runs in the project, in Node, Bun and Deno: an interval job, three runs, shutdown.
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';

const scheduler = new Scheduler();
let third;
const threeRuns = new Promise((resolve) => {
  third = resolve;
});
const handle = scheduler.start(
  defineJob({
    id: 'interval',
    schedule: every({ milliseconds: 50 }),
    task: async ({ run }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (run.triggerCount === 3) third();
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
