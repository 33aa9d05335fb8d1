import type { Timeline, TimelineRun } from './timeline.js';

/** A run with the row within the lane of its instance in which it touches no other. */
export interface PlacedRun {
  readonly run: TimelineRun;
  readonly row: number;
}

/** The runs of one instance. */
export interface Lane {
  readonly instance: number;
  readonly runs: readonly PlacedRun[];
  readonly rows: number;
}

/** One lane for each instance; a run takes the first row that is free from when it was queued. */
export function lanesOf({ runs, instances }: Timeline): Lane[] {
  return Array.from({ length: instances }, (_, instance) => {
    const endOfRow: number[] = [];
    const placed = runs
      .filter((run) => run.instance === instance)
      .map((run) => {
        const from = run.queuedAt ?? run.startedAt;
        const free = endOfRow.findIndex((end) => end <= from);
        const row = free === -1 ? endOfRow.length : free;
        endOfRow[row] = run.endedAt;
        return { run, row };
      });
    return { instance, runs: placed, rows: Math.max(1, endOfRow.length) };
  });
}
