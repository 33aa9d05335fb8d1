import type { SkipReason } from '@cloudiful-scheduler/core';
import type { Timeline, TimelineRun, TimelineSkip } from './timeline.js';

/** What became of one occurrence. */
type Disposition = 'run' | 'coalesced' | 'skipped' | 'pending';

/** One occurrence of the schedule and what became of it. */
export interface Occurrence {
  readonly scheduledAt: number;
  readonly disposition: Disposition;
  /** Its runs, one per attempt; for a coalesced one those of the catch-up that stands for it. */
  readonly runs: readonly TimelineRun[];
  /** Why it was skipped, also after a run of it was interrupted. */
  readonly reason: SkipReason | undefined;
}

/** All occurrences of a timeline, oldest first. */
export function occurrencesOf(timeline: Timeline): Occurrence[] {
  const runsOf = new Map<number, TimelineRun[]>();
  for (const run of timeline.runs) {
    for (const occurrence of [run.scheduledAt, ...coalescedInto(timeline, run)]) {
      runsOf.set(occurrence, [...(runsOf.get(occurrence) ?? []), run]);
    }
  }
  return timeline.due.map((scheduledAt) => {
    const runs = runsOf.get(scheduledAt) ?? [];
    // An instance that met another's lease is no news about the occurrence.
    const skip = timeline.skips.findLast(
      (one) => covers(one, scheduledAt) && one.reason !== 'contended' && one.reason !== 'already_completed',
    );
    return { scheduledAt, runs, reason: skip?.reason, disposition: dispositionOf(scheduledAt, runs, skip) };
  });
}

function dispositionOf(
  scheduledAt: number,
  runs: readonly TimelineRun[],
  skip: TimelineSkip | undefined,
): Disposition {
  if (runs.some((run) => run.scheduledAt === scheduledAt)) return 'run';
  if (runs.length > 0) return 'coalesced';
  return skip === undefined ? 'pending' : 'skipped';
}

function coalescedInto({ due }: Timeline, run: TimelineRun): readonly number[] {
  const own = due.indexOf(run.scheduledAt);
  return own === -1 ? [] : due.slice(Math.max(0, own - run.coalesced), own);
}

function covers(skip: TimelineSkip, occurrence: number): boolean {
  return skip.firstScheduledAt <= occurrence && occurrence <= skip.scheduledAt;
}
