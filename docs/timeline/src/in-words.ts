import { dateOf, timeOfDay } from './local-time.js';
import { type Occurrence, occurrencesOf } from './occurrences.js';
import type { Timeline, TimelineRun } from './timeline.js';

/** An instant by its local time, with the date where a timeline has several days. */
export function instantInWords(instant: number, { start, end, timezone }: Timeline): string {
  const time = timeOfDay(instant, timezone);
  return dateOf(start, timezone) === dateOf(end - 1, timezone)
    ? time
    : `${dateOf(instant, timezone)} ${time}`;
}

/** What a run was, as a sentence part. */
export function runInWords(run: TimelineRun, timeline: Timeline): string {
  const kind = run.catchUp ? 'catch-up run' : 'run';
  const where = timeline.instances > 1 ? ` on instance ${run.instance + 1}` : '';
  const attempt = run.attempt > 1 ? `, attempt ${run.attempt},` : '';
  const from = instantInWords(run.startedAt, timeline);
  const isSameDay = dateOf(run.startedAt, timeline.timezone) === dateOf(run.endedAt, timeline.timezone);
  const to = isSameDay ? timeOfDay(run.endedAt, timeline.timezone) : instantInWords(run.endedAt, timeline);
  switch (run.outcome) {
    case 'success':
      return `${kind}${where}${attempt} from ${from} to ${to}`;
    case 'failed':
      return `${kind}${where}${attempt} from ${from} to ${to}, failed`;
    case 'interrupted':
      return `${kind}${where}${attempt} from ${from}, interrupted at ${to}`;
    case 'running':
      return `${kind}${where}${attempt} since ${from}`;
  }
}

/** What became of an occurrence, as a sentence part. */
export function dispositionInWords({ disposition, reason, runs }: Occurrence, timeline: Timeline): string {
  switch (disposition) {
    case 'run': {
      const attempts = runs.map((run) => runInWords(run, timeline));
      return [...attempts, ...(reason === undefined ? [] : [`then skipped: ${reason}`])].join('; ');
    }
    case 'coalesced':
      return `made up for by the catch-up run of ${instantInWords(runs[0]?.scheduledAt ?? Number.NaN, timeline)}`;
    case 'skipped':
      return `skipped: ${reason}`;
    case 'pending':
      return 'not acted on yet';
  }
}

/** What happened in all, as a sentence. */
export function summaryOf(timeline: Timeline): string {
  const occurrences = occurrencesOf(timeline);
  const count = (disposition: Occurrence['disposition']): number =>
    occurrences.filter((occurrence) => occurrence.disposition === disposition).length;
  const reasons = new Map<string, number>();
  for (const { disposition, reason } of occurrences) {
    if (disposition === 'skipped' && reason !== undefined)
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const interrupted = timeline.runs.filter(({ outcome }) => outcome === 'interrupted').length;
  const parts = [
    [count('run'), 'ran'],
    [count('coalesced'), 'made up for by a later run'],
    ...[...reasons].map(([reason, number]) => [number, `skipped (${reason})`] as const),
    [count('pending'), 'not acted on yet'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const crashes =
    interrupted === 0 ? '' : ` ${interrupted} ${interrupted === 1 ? 'run was' : 'runs were'} interrupted.`;
  const due = `${occurrences.length} ${occurrences.length === 1 ? 'occurrence' : 'occurrences'} due`;
  return told.length === 0 ? `${due}.` : `${due}: ${told.join(', ')}.${crashes}`;
}
