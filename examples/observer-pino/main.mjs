import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { pinoObserver } from '@cloudiful-scheduler/observer-pino';
import { pino } from 'pino';

const logger = pino({ level: 'debug' });

const scheduler = new Scheduler({
  observers: [pinoObserver(logger.child({ component: 'jobs' }), { levels: { trigger_emitted: 'silent' } })],
});

const job = defineJob({
  id: 'refresh-prices',
  schedule: every({ milliseconds: 500 }),
  maxRuns: 4, // without it the job runs for ever
  missedRunPolicy: 'replay_all', // four runs, however late this machine is
  task: ({ run }) => {
    if (run.triggerCount === 3) throw new Error('the market is closed');
    logger.info({ trigger_count: run.triggerCount }, 'prices refreshed');
  },
});

await scheduler.run(job);
