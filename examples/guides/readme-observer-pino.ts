import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { pinoObserver } from '@cloudiful-scheduler/observer-pino';
import { pino } from 'pino';

const logger = pino({ level: 'debug' });
const scheduler = new Scheduler({
  observers: [pinoObserver(logger.child({ component: 'jobs' }), { levels: { run_started: 'info' } })],
});

scheduler.start(defineJob({ id: 'refresh-prices', schedule: every({ seconds: 5 }), task: () => {} }));
