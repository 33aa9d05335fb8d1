import type { Occurrence } from './occurrences.js';
import type { TimelineRun } from './timeline.js';

type Time = (instant: number) => string;

/** What a run was, as a sentence part. */
export function runInWords(run: TimelineRun, time: Time): string {
  const kind = run.catchUp ? 'catch-up run' : 'run';
  const attempt = run.attempt > 1 ? `, attempt ${run.attempt}` : '';
  const ends = {
    success: `to ${time(run.endedAt)}`,
    failed: `to ${time(run.endedAt)}, failed`,
    interrupted: `until its process died at ${time(run.endedAt)}`,
    running: 'and still running',
  };
  return `${kind} of ${time(run.scheduledAt)}${attempt}: from ${time(run.startedAt)} ${ends[run.outcome]}`;
}

/** What became of an occurrence, as a sentence part. */
export function dispositionInWords({ disposition, reason, runs }: Occurrence, time: Time): string {
  switch (disposition) {
    case 'run':
      return runs.map((run) => runInWords(run, time)).join('; ');
    case 'coalesced':
      return `made up for by the catch-up run of ${time(runs[0]?.scheduledAt ?? Number.NaN)}`;
    case 'skipped':
      return `skipped: ${reason}`;
    case 'pending':
      return 'not acted on yet';
  }
}
