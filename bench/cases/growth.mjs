import { heapUsed } from '../harness/heap.mjs';
import { idle } from '../harness/peers.mjs';
import { wait } from '../harness/wait.mjs';

export const title = 'How the cost of an idle job grows with their number';
export const about = [
  'The jobs of one process grow from none to 1,000, to 10,000 and to 100,000, unless one step takes longer than',
  'five seconds to come. What each job of a step took, and the slope: the power of the number of jobs with which the',
  'time to register all of them grows; 1 is as many times longer as there are jobs, 2 the square of it.',
];
export const columns = {
  time1000: 'µs, to 1,000',
  time10000: 'to 10,000',
  time100000: 'to 100,000',
  heap1000: 'bytes, to 1,000',
  heap10000: 'to 10,000',
  heap100000: 'to 100,000',
  slope: 'slope',
};
export const plot = { column: 'slope', better: 'less' };
export const rounds = 1;
export const timeoutMs = 60_000;

const STEPS = [1_000, 10_000, 100_000];
const LONGEST_MS = 5_000;

export const contestants = {
  'ours, interval': measuring('ours'),
  'ours, cron': measuring('oursCron'),
  setTimeout: measuring('setTimeout'),
  'toad-scheduler': measuring('toad'),
  'node-cron': measuring('nodeCron'),
  cron: measuring('cron'),
  croner: measuring('croner'),
  'node-schedule': measuring('nodeSchedule'),
};

function measuring(library) {
  return {
    async measure() {
      const register = await idle[library]();
      const kept = library.startsWith('ours') ? undefined : [];
      const found = {};
      const totals = [];
      let [count, perJob, heap, total] = [0, 0, heapUsed(), 0];
      for (const step of STEPS) {
        const added = step - count;
        if (added * perJob > LONGEST_MS) break;
        const began = performance.now();
        for (; count < step; count += 1) {
          const job = register(`job-${count}`);
          kept?.push(job);
        }
        const took = performance.now() - began;
        await wait(2_000);
        const after = heapUsed();
        perJob = took / added;
        total += took;
        totals.push(total);
        found[`time${step}`] = perJob * 1_000;
        found[`heap${step}`] = (after - heap) / added;
        heap = after;
      }
      // From the second step on: the code of the first is still being compiled.
      const [from, to] = [totals.at(-2), totals.at(-1)];
      return { ...found, slope: Math.log10(to / from) };
    },
  };
}
