import { atInstant } from '../harness/peers.mjs';
import { lateness } from '../harness/statistics.mjs';
import { until } from '../harness/wait.mjs';

export const title = 'Many jobs due in one second';
export const about = [
  'Each job is due once, at its own millisecond of one second (node-cron knows full seconds only: at the first). How late',
  'they run, and how many never ran within twenty seconds. `cron` throws, which ends the process, when the timer of a date',
  'fires early at the turn of a millisecond: then its error stands in the table.',
];
export const columns = { p50: 'lateness p50, ms', p99: 'lateness p99, ms', lost: 'lost' };
export const plot = { column: 'p99', better: 'less' };
export const rounds = 2;
export const timeoutMs = 60_000;

const LIBRARIES = {
  ours: 'ours',
  setTimeout: 'setTimeout',
  'toad-scheduler': 'toad',
  croner: 'croner',
  cron: 'cron',
  'node-schedule': 'nodeSchedule',
  'node-cron': 'nodeCron',
};
/** With more the others need minutes, or more memory than there is. */
const MOST = { croner: 10_000, cron: 10_000, nodeSchedule: 10_000, nodeCron: 30_000 };
/** How long registering one job may take, in milliseconds: all of them have to be done before the first is due. */
const REGISTERING_MS = { croner: 1.2, cron: 1.2, nodeSchedule: 1.2, nodeCron: 0.5 };

export const contestants = Object.fromEntries(
  [10_000, 30_000, 100_000].flatMap((count) =>
    Object.entries(LIBRARIES)
      .filter(([, library]) => count <= (MOST[library] ?? Number.POSITIVE_INFINITY))
      .map(([label, library]) => [
        `${label}, ${count.toLocaleString('en-US')} jobs`,
        measuring(library, count),
      ]),
  ),
);

function measuring(library, count) {
  const registeringMs = count * (REGISTERING_MS[library] ?? 0.03);
  return {
    rounds: library in REGISTERING_MS ? 1 : rounds,
    async measure() {
      const register = await atInstant[library]();
      const due = Math.ceil((Date.now() + 2_000 + registeringMs) / 1_000) * 1_000;
      const late = [];
      for (let index = 0; index < count; index += 1) {
        const at = due + (library === 'nodeCron' ? 0 : index % 1_000);
        register(`job-${index}`, at, () => {
          late.push(Date.now() - at);
        });
      }
      if (Date.now() > due) throw new Error('Error: registering took longer than allowed');
      await until(() => late.length === count, due - Date.now() + 21_000);
      return { ...lateness(late), lost: count - late.length };
    },
  };
}
