import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { workerTask } from '@cloudiful-scheduler/task-worker';

const countPrimes = workerTask(new URL('./crunch.mjs', import.meta.url), { export: 'countPrimes' });

new Scheduler().start(
  defineJob({
    id: 'count-primes',
    schedule: every({ minutes: 5 }),
    deps: { below: 3_000_000 },
    task: countPrimes,
  }),
);
