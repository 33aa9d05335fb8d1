// Triggers one job again and again on the in-memory store, ten million times unless told otherwise, and fails
// when the heap grows by more than a megabyte per million triggers.
import { defineJob, every, InMemoryExecutionGuard, Scheduler } from '@cloudiful-scheduler/core';
import { heapUsed } from './harness/heap.mjs';

const MEGABYTE = 2 ** 20;
const total = Number(process.env['SOAK_TRIGGERS'] ?? 10_000_000);
const slice = Math.ceil(total / 20);

let ran = 0;
const job = defineJob({
  id: 'job',
  schedule: every({ hours: 1_000 }),
  overlapPolicy: 'allow_parallel',
  task: () => {
    ran += 1;
  },
});
// Without done markers, which a guard keeps on purpose for as long as it is told.
const guard = new InMemoryExecutionGuard({ completedTtlMs: 0 });
const handle = new Scheduler({ guard, historyLimit: 32 }).start(job);
await handle.started;

const heap = [];
const began = performance.now();
for (let done = 0; done < total; ) {
  const until = Math.min(total, done + slice);
  for (; done < until; done += 1) await handle.trigger();
  while (handle.snapshot().active > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  heap.push(heapUsed());
  const seconds = (performance.now() - began) / 1_000;
  console.log(
    `${done} triggers, ${ran} runs, ${Math.round(done / seconds)} a second, heap ${(heap.at(-1) / MEGABYTE).toFixed(2)} MB`,
  );
}
await handle.shutdown();

// The first slice is that in which code is compiled and tables find their size.
const growth = ((heap.at(-1) - heap[0]) / MEGABYTE / ((total - slice) / 1e6)).toFixed(3);
const isFlat = Number(growth) < 1 && ran === total;
console.log(
  `Growth: ${growth} MB per million triggers; must be below 1, with ${total} runs: ${isFlat ? 'yes' : 'NO'}`,
);
process.exit(isFlat ? 0 : 1);
