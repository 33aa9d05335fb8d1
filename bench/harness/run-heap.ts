// Prints how many bytes of heap a run takes, and by how many a job's forty further runs let the heap grow.
import { defineJob, every, Scheduler } from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';
import { heapUsed } from './heap.mjs';

const JOBS = 500;
const WARM_UP = 40;

const clock = new ManualClock('2026-01-01T00:00:00Z');
const scheduler = new Scheduler({ clock });
let ran = 0;
for (let index = 0; index < JOBS; index += 1) {
  const schedule = every({ seconds: 1 });
  scheduler.start(defineJob({ id: `job-${index}`, schedule, task: () => void (ran += 1) }));
}
// Until code is compiled and every job's history is full.
await clock.advance(WARM_UP * 1_000);
const before = heapUsed();
await clock.advance(1_000);
const taken = process.memoryUsage().heapUsed - before;
for (let more = 0; more < 40; more += 1) await clock.advance(1_000);
const left = heapUsed() - before;
if (ran !== JOBS * (WARM_UP + 41)) throw new Error(`There were ${ran} runs`);
console.log(Math.round(taken / JOBS), Math.round(left / JOBS));
process.exit(0);
