import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { FileStateStore } from '@cloudiful-scheduler/store-file';

const scheduler = new Scheduler({ store: new FileStateStore('./state') });

scheduler.start(
  defineJob({
    id: 'ingest-prices',
    schedule: every({ minutes: 5 }),
    task: ({ run }) => console.log('prices of', run.scheduledAt, 'attempt', run.attempt),
  }),
);
