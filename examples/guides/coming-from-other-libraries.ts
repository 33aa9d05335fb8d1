import { tmpdir } from 'node:os';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

const directory = mkdtempSync(join(tmpdir(), 'other-libraries-'));

// #region job
import { defineJob, Scheduler } from '@cloudiful-scheduler/core';
import { cron } from '@cloudiful-scheduler/schedule-cron';
import { FileStateStore } from '@cloudiful-scheduler/store-file';

const scheduler = new Scheduler({
  timezone: 'America/Sao_Paulo',
  store: new FileStateStore(directory),
});

const handle = scheduler.start(
  defineJob({
    id: 'nightly-backup',
    schedule: cron('0 3 * * *'),
    overlapPolicy: 'forbid', // the default: no second run beside a first
    missedRunPolicy: 'catch_up_once', // the default: one run for the nights that were missed
    task: async ({ run, signal }) => backUp(run.scheduledAt, signal),
  }),
);
// #endregion

await handle.trigger();
await scheduler.shutdown();

async function backUp(night: Date, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  console.log('backed up', night instanceof Date);
}
