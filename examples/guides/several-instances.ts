import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';

const url = 'valkey://localhost:6379';
const store = new ValkeyStateStore({ url });
const guard = new ValkeyExecutionGuard({ url }, { ttlMs: 30_000 });
const scheduler = new Scheduler({ store, guard });

// #region resource
const job = defineJob({
  id: 'import-trades',
  schedule: every({ minutes: 5 }, { anchor: new Date(0) }),
  guardScope: 'resource',
  resourceId: 'trades-table', // 'delete-old-trades' names the same
  task: ({ lease }) => console.log('alone in', lease?.slot.resourceId),
});
// #endregion

// #region run_guarded
import { runGuarded } from '@cloudiful-scheduler/core';

const slot = {
  jobId: 'rebuild-index',
  resourceId: 'trades-table',
  scope: 'resource',
  scheduledAt: new Date(),
} as const;
const result = await runGuarded(guard, slot, ({ lease, signal }) => {
  signal.throwIfAborted();
  return `rebuilt with token ${lease.fencingToken}`;
});
if (result.status === 'completed') console.log(result.value);
else console.log('not now:', result.status);
// #endregion

const handle = scheduler.start(job);
await handle.trigger();
await scheduler.shutdown();
await guard.close();
await store.close();
