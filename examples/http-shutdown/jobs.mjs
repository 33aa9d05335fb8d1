import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, every } from '@cloudiful-scheduler/core';
import { everyMs, taskMs } from './settings.mjs';

export const rebuildIndex = defineJob({
  id: 'rebuild-index',
  schedule: every(everyMs),
  task: async ({ run, signal }) => {
    console.log(`run ${run.triggerCount} begins, attempt ${run.attempt}`);
    try {
      await sleep(taskMs, undefined, { signal });
    } catch (error) {
      console.log(`run ${run.triggerCount} is broken off: ${signal.reason?.message}`);
      throw error;
    }
    console.log(`run ${run.triggerCount} is done`);
  },
});
