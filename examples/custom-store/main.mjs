import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { HttpStateStore } from './http-state-store.mjs';

const url = process.env.KV_URL ?? 'http://127.0.0.1:8321/';
const taskMs = Number(process.env.TASK_MS ?? 500);

const job = defineJob({
  id: 'sync-orders',
  schedule: every({ seconds: 1 }),
  task: async ({ run, signal }) => {
    console.log(`run ${run.triggerCount} begins, attempt ${run.attempt}`);
    await sleep(taskMs, undefined, { signal });
    console.log(`run ${run.triggerCount} is done`);
  },
});

const observer = {
  onEvent(event) {
    if (event.type === 'state_loaded')
      console.log(`state ${event.source}: ${event.triggerCount} consumed, ${event.inFlight} in flight`);
    if (event.type === 'store_degraded') console.log(`waiting: ${event.error?.message}`);
    if (event.type === 'state_repaired') console.log(`repaired: ${event.reason}`);
    if (event.type === 'store_recovered') console.log('the store answers again');
  },
};

const scheduler = new Scheduler({ store: new HttpStateStore(url), observers: [observer] });
const handle = scheduler.start(job);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void scheduler.shutdown());

const { stopReason, state } = await handle.finished;
console.log(`ended by ${stopReason} after ${state.triggerCount} occurrences`);
