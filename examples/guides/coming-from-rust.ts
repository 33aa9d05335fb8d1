import { Redis } from 'iovalkey';

const url = 'valkey://localhost:6379';

// What the Rust crate left behind.
const server = new Redis(url);
await server.set(
  'scheduler:valkey:job-state:refresh-a-shares',
  JSON.stringify({
    job_id: 'refresh-a-shares',
    trigger_count: 41,
    last_run_at: '2026-03-02T01:30:00.000123456Z',
    last_success_at: '2026-03-02T01:30:02.5Z',
    next_run_at: '2026-03-02T01:35:00Z',
    last_error: null,
  }),
);
await server.quit();

// #region job
import { defineJob, Scheduler } from '@cloudiful-scheduler/core';
import { cron } from '@cloudiful-scheduler/schedule-cron';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';

const store = new ValkeyStateStore({ url });
const scheduler = new Scheduler({ store, timezone: 'Asia/Shanghai' });

const job = defineJob({
  id: 'refresh-a-shares', // the same id: the record of the Rust service is resumed
  schedule: cron('*/5 9-15 * * Mon-Fri'),
  deps: { market: 'A-share' },
  missedRunPolicy: 'catch_up_once',
  overlapPolicy: 'forbid',
  timeWindow: {
    weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
    segments: [{ start: '09:30', end: '15:00' }],
  },
  task: async ({ run, deps }) =>
    console.log(deps.market, run.scheduledAt, run.catchUp),
});

const handle = scheduler.start(job);
// #endregion

await handle.started;
console.log('resumed with', handle.snapshot().triggerCount, 'occurrences');

// #region stagger
import { every } from '@cloudiful-scheduler/core';

/** Once a day, at a time of the day that follows from a name: as `StaggeredInterval`. */
function daily(name: string) {
  let hash = 0;
  for (const character of name)
    hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 86_400_000;
  return every({ hours: 24 }, { anchor: new Date(hash) });
}
// #endregion
console.log(daily('example.com').fingerprint);

await scheduler.shutdown();
await store.close();
