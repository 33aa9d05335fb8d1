// One instance: a process that runs the shared job whenever it is the one to get the lease.
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';

const [, , name, url] = process.argv;

const store = new ValkeyStateStore({ url });
const guard = new ValkeyExecutionGuard({ url }, { ttlMs: 5_000, renewEveryMs: 500 });
const scheduler = new Scheduler({
  store,
  guard,
  observers: [
    {
      onEvent(event) {
        if (event.type === 'run_started') say('starts', event, `fencing token ${event.fencingToken}`);
        if (event.type === 'run_completed') say('finishes', event);
        if (event.type === 'run_skipped') say('skips', { ...event, attempt: 1 }, event.reason);
      },
    },
  ],
});

const job = defineJob({
  id: 'sync-orders',
  // Aligned to an instant, so that all instances mean the same occurrences.
  schedule: every({ seconds: 1 }, { anchor: new Date(0) }),
  task: ({ signal }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, 400);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
});

const handle = scheduler.start(job);
process.once('SIGTERM', () => void stop());

async function stop() {
  await handle.shutdown({ graceMs: 5_000 });
  await Promise.all([store.close(), guard.close()]);
}

function say(what, { scheduledAt, attempt }, more = '') {
  const occurrence = scheduledAt.toISOString().slice(11, 19);
  console.log(`${name} ${what} ${occurrence}, attempt ${attempt}${more === '' ? '' : `, ${more}`}`);
}
