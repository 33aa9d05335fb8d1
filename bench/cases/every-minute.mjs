import { everyMinute } from '../harness/peers.mjs';
import { wait } from '../harness/wait.mjs';

export const title = '10,000 jobs a minute';
export const about = [
  'Jobs that run once a minute, spread over its seconds: the share of one processor that the process takes in a minute.',
  'All contestants run at the same time, since all of them mostly wait.',
];
export const columns = { cpu: 'CPU, % of one processor', ran: 'runs in the minute' };
export const plot = { column: 'cpu', better: 'less' };
export const rounds = 1;
export const together = true;
export const timeoutMs = 150_000;

const JOBS = 10_000;

export const contestants = {
  ours: measuring('ours'),
  setTimeout: measuring('setTimeout'),
  'toad-scheduler': measuring('toad'),
  'node-cron': measuring('nodeCron'),
  croner: measuring('croner'),
  cron: measuring('cron'),
};

function measuring(library) {
  return {
    async measure() {
      const register = await everyMinute[library]();
      let ran = 0;
      for (let index = 0; index < JOBS; index += 1) {
        register(`job-${index}`, index % 60, () => {
          ran += 1;
        });
      }
      // The others are still registering, and code is compiled in the first minute.
      await wait(61_000);
      ran = 0;
      const before = process.cpuUsage();
      const began = performance.now();
      await wait(60_000);
      const { user, system } = process.cpuUsage(before);
      return { cpu: (user + system) / 10 / (performance.now() - began), ran };
    },
  };
}
