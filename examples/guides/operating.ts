import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, every } from '@cloudiful-scheduler/core';

// #region logs
import { Scheduler } from '@cloudiful-scheduler/core';
import { pinoObserver } from '@cloudiful-scheduler/observer-pino';
import { FileStateStore } from '@cloudiful-scheduler/store-file';
import { pino } from 'pino';

const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'info' });
const store = new FileStateStore('./state-of-operating');
const scheduler = new Scheduler({
  store,
  observers: [pinoObserver(logger.child({ component: 'jobs' }))],
});
// #endregion

const job = defineJob({
  id: 'refresh-prices',
  schedule: every({ milliseconds: 50 }),
  task: () => {},
});
const handle = scheduler.start(job);
await sleep(300);
await handle.shutdown();

// #region stale
/** Whether a job has not succeeded for too long. Reads the record, so that any process can ask. */
async function isStale(jobId: string, longestMs: number): Promise<boolean> {
  const stored = await store.load(jobId);
  const lastSuccess = stored?.state.lastSuccessAt?.getTime() ?? 0;
  return Date.now() - lastSuccess > longestMs;
}
// #endregion

console.log(
  'stale:',
  await isStale('refresh-prices', 60_000),
  await isStale('another', 60_000),
);

// #region give_up
// The record of one job is damaged and nobody needs it: the next start begins anew.
await store.delete('refresh-prices');
// #endregion
console.log('after delete:', await store.load('refresh-prices'));
