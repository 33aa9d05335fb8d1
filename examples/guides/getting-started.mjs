import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { FileStateStore } from '@cloudiful-scheduler/store-file';

const job = defineJob({
  id: 'refresh-prices',
  schedule: every({ seconds: 5 }),
  deps: { market: 'A-share' },
  task: async ({ run, deps, signal }) => {
    console.log(
      `${deps.market}: prices of ${run.scheduledAt.toISOString()}, attempt ${run.attempt}`,
    );
    await work(2_000, signal);
  },
});

const scheduler = new Scheduler({ store: new FileStateStore('./state') });
const handle = scheduler.start(job);

for (const name of ['SIGINT', 'SIGTERM']) {
  process.once(name, () => void scheduler.shutdown({ graceMs: 10_000 }));
}
const report = await handle.finished;
console.log(
  `stopped by ${report.stopReason} after ${report.history.length} runs`,
);

/** Stands for two seconds of work that can be stopped. */
function work(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
