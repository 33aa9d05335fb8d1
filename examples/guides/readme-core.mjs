import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';

const scheduler = new Scheduler({
  observers: [{ onEvent: (event) => console.log(event.at, event.type) }],
});

const report = await scheduler.run(
  defineJob({
    id: 'heartbeat',
    schedule: every({ milliseconds: 200 }),
    overlapPolicy: 'queue_one', // default: forbid
    maxRuns: 3, // without it the job runs until it is cancelled or shut down
    task: ({ run }) => console.log('run', run.triggerCount, 'of', run.scheduledAt),
  }),
);
console.log(report.stopReason, report.history.length); // terminal 3
