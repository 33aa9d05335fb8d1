import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';

const url = 'valkey://localhost:6379';
const store = new ValkeyStateStore({ url });
const guard = new ValkeyExecutionGuard({ url }, { ttlMs: 30_000 });
const scheduler = new Scheduler({ store, guard });

const handle = scheduler.start(
  defineJob({
    id: 'refresh-rates',
    schedule: every({ seconds: 5 }, { anchor: new Date(0) }),
    task: ({ run, lease }) => console.log('prices of', run.scheduledAt, 'fencing token', lease?.fencingToken),
  }),
);

process.once('SIGINT', () => void scheduler.shutdown({ graceMs: 10_000 }));
await handle.finished;
await Promise.all([store.close(), guard.close()]);
