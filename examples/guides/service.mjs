import { defineJob, Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';
import { pinoObserver } from '@cloudiful-scheduler/observer-pino';
import { cron } from '@cloudiful-scheduler/schedule-cron';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';
import { pino } from 'pino';

const url = 'valkey://localhost:6379';
const store = new ValkeyStateStore({ url });
const guard = new ValkeyExecutionGuard({ url }, { ttlMs: 30_000 });
const logger = pino();

const scheduler = new Scheduler({
  store,
  guard,
  timezone: 'Europe/Berlin',
  observers: [pinoObserver(logger)],
});

scheduler.start(
  defineJob({
    id: 'nightly-report',
    schedule: cron('30 2 * * *'),
    task: async ({ run, lease, signal }) => {
      signal.throwIfAborted();
      logger.info(
        `report of ${run.scheduledAt.toISOString()}, fence ${lease?.fencingToken}`,
      );
    },
  }),
);

for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => void stop());

async function stop() {
  await scheduler.shutdown({ graceMs: 20_000 }); // waits for the current run
  await Promise.all([store.close(), guard.close()]);
}
