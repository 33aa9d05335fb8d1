import { defineJob, every } from '@cloudiful-scheduler/core';
import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';

const guard = new ValkeyExecutionGuard({ url: 'valkey://localhost:6379' });

// #region sample
import { Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';

const store = new ValkeyStateStore({ url: 'valkey://localhost:6379' });
const scheduler = new Scheduler({ store, guard });
// #endregion

const job = defineJob({ id: 'stored', schedule: every({ milliseconds: 20 }), maxRuns: 1, task: () => {} });
const { state } = await scheduler.run(job);
console.log('runs in the record:', (await store.load(job.id))?.state.triggerCount, 'of', state.triggerCount);
await scheduler.shutdown();

// #region sample
// after scheduler.shutdown()
await store.close();
// #endregion
await guard.close();
