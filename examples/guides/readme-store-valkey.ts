import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';

const store = new ValkeyStateStore({ url: 'valkey://localhost:6379' });
const scheduler = new Scheduler({ store });

const handle = scheduler.start(
  defineJob({
    id: 'refresh-prices',
    schedule: every({ seconds: 5 }),
    task: ({ run }) => console.log('prices of', run.scheduledAt),
  }),
);

process.once('SIGINT', () => void scheduler.shutdown({ graceMs: 10_000 }));
const { state } = await handle.finished;
await store.close();
console.log('due next:', state.nextRunAt);
