import { heapUsed } from '../harness/heap.mjs';
import { idle } from '../harness/peers.mjs';
import { wait } from '../harness/wait.mjs';

export const title = 'An idle job';
export const about = [
  'Jobs that are registered and not due for an hour or more: the heap that each takes and the time to register it.',
  'What does not finish in time or memory at 100,000 is shown in the case of growth at fewer.',
];
export const columns = { bytes: 'bytes per job', microseconds: 'µs to register' };
export const plot = { column: 'bytes', better: 'less' };
export const rounds = 3;
export const timeoutMs = 20_000;

export const contestants = {
  'ours, interval, 10,000 jobs': measuring('ours', 10_000),
  'ours, interval, 100,000 jobs': measuring('ours', 100_000),
  'ours, cron, 10,000 jobs': measuring('oursCron', 10_000),
  'ours, cron, 100,000 jobs': measuring('oursCron', 100_000),
  'setTimeout, 100,000': measuring('setTimeout', 100_000),
  'toad-scheduler, 10,000 jobs': measuring('toad', 10_000),
  'toad-scheduler, 100,000 jobs': measuring('toad', 100_000),
  'node-cron, 10,000 jobs': measuring('nodeCron', 10_000),
  'cron, 10,000 jobs': measuring('cron', 10_000),
  'croner, 10,000 jobs': measuring('croner', 10_000),
  'node-schedule, 10,000 jobs': measuring('nodeSchedule', 10_000),
  'node-cron, 100,000 jobs': measuring('nodeCron', 100_000),
  'cron, 100,000 jobs': measuring('cron', 100_000),
  'croner, 100,000 jobs': measuring('croner', 100_000),
  'node-schedule, 100,000 jobs': measuring('nodeSchedule', 100_000),
};

function measuring(library, count) {
  return {
    rounds: ['ours', 'oursCron', 'setTimeout', 'toad'].includes(library) ? rounds : 1,
    async measure() {
      const ids = Array.from({ length: count }, (_, index) => `job-${index}`);
      const register = await idle[library]();
      register('warm-up');
      // Kept, as a service would that stops its jobs one day; ours keeps them itself.
      const kept = library.startsWith('ours') ? undefined : [];
      const before = heapUsed();
      const began = performance.now();
      for (const id of ids) {
        const job = register(id);
        kept?.push(job);
      }
      const took = performance.now() - began;
      // Ours loads and saves the state of each job in the turns after that.
      await wait(2_000);
      return {
        bytes: (heapUsed() - before) / count,
        microseconds: (took * 1_000) / count,
      };
    },
  };
}
