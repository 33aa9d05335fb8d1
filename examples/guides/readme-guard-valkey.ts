import { defineJob, every } from '@cloudiful-scheduler/core';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';

const store = new ValkeyStateStore({ url: 'valkey://localhost:6379' });

// #region sample
import { Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';

const guard = new ValkeyExecutionGuard({ url: 'valkey://localhost:6379' }, { ttlMs: 30_000 });
const scheduler = new Scheduler({ store, guard });
// #endregion

await scheduler.run(
  defineJob({
    id: 'guarded',
    schedule: every({ milliseconds: 20 }),
    maxRuns: 1,
    task: ({ lease }) => console.log('fencing token', lease?.fencingToken),
  }),
);
await scheduler.shutdown();

// #region sample
// after scheduler.shutdown()
await guard.close();
// #endregion
await store.close();
