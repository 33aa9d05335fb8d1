// Prints how many bytes of heap an idle interval job takes, for the test of it.
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { heapUsed } from './heap.mjs';

const JOBS = 20_000;
const scheduler = new Scheduler();
const register = (id: number) =>
  scheduler.start(defineJob({ id: `job-${id}`, schedule: every({ hours: 1 }), task: () => {} }));

await register(0).started;
const before = heapUsed();
for (let id = 1; id < JOBS; id += 1) register(id);
await register(JOBS).started;
// What comes after the last one has started.
await new Promise((resolve) => {
  setTimeout(resolve, 200);
});
console.log(Math.round((heapUsed() - before) / JOBS));
await scheduler.shutdown({ graceMs: 0 });
