import { defineJob, every, InMemoryExecutionGuard, Scheduler } from '@cloudiful-scheduler/core';
import { workerTask } from '@cloudiful-scheduler/task-worker';

const countPrimes = workerTask(new URL('./crunch.mjs', import.meta.url), { export: 'countPrimes' });

// If the task blocked this thread, the lease of its run would not be renewed, and would be lost in the end.
const guard = new InMemoryExecutionGuard({ ttlMs: 30_000, renewEveryMs: 200 });
const renewals = { count: 0 };
const observer = {
  onEvent({ type }) {
    if (type === 'guard_renewed') renewals.count += 1;
    if (type === 'guard_lost') console.error('the lease was lost');
  },
};

const scheduler = new Scheduler({ guard, observers: [observer] });

const job = defineJob({
  id: 'count-primes',
  schedule: every({ milliseconds: 500 }),
  maxRuns: 2, // without it the job runs for ever
  missedRunPolicy: 'replay_all', // two runs, however late this machine is
  overlapPolicy: 'queue_one',
  deps: { below: 7_000_000 },
  task: async (context) => {
    const { count, below } = await countPrimes(context);
    console.log(`${count} primes below ${below}, counted in a worker thread`);
  },
});

await scheduler.run(job);
await countPrimes.close(); // or leave it: threads without a run do not keep the process alive
console.log(`meanwhile the lease was renewed ${renewals.count} times`);
