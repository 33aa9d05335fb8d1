import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, every } from '@cloudiful-scheduler/core';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { schedulerPlugin } from './scheduler-plugin.mjs';

const taskMs = Number(process.env.TASK_MS ?? 1_000);

const logger = pino({ name: 'shop', level: process.env.LOG_LEVEL ?? 'debug' });
const app = fastify({ loggerInstance: logger });

const refreshPrices = defineJob({
  id: 'refresh-prices',
  schedule: every({ hours: 1 }),
  deps: { log: logger },
  task: async ({ deps, signal }) => {
    await sleep(taskMs, undefined, { signal });
    deps.log.info('prices refreshed');
  },
});

await app.register(schedulerPlugin, { jobs: [refreshPrices], graceMs: 20_000 });
await app.listen({ port: Number(process.env.PORT ?? 8_323) });

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void app.close());
