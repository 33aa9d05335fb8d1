import type { SkipReason } from '@cloudiful-scheduler/core';

/** One call of the task. All instants are epoch milliseconds. */
export interface TimelineRun {
  readonly instance: number;
  readonly scheduledAt: number;
  /** Since when it had waited for the run before it; `undefined` when it did not wait. */
  readonly queuedAt: number | undefined;
  readonly startedAt: number;
  /** When it ended, or its process died; the end of the timeline for a run that is still under way. */
  readonly endedAt: number;
  readonly outcome: 'success' | 'failed' | 'interrupted' | 'running';
  readonly catchUp: boolean;
  /** How many older occurrences it stands for. */
  readonly coalesced: number;
  readonly attempt: number;
}

/** Occurrences that were dropped together. */
export interface TimelineSkip {
  readonly instance: number;
  readonly reason: SkipReason;
  /** When that was decided. */
  readonly at: number;
  readonly firstScheduledAt: number;
  readonly scheduledAt: number;
  readonly count: number;
}

/** When an instance was away. */
export interface TimelineOutage {
  readonly instance: number;
  readonly from: number;
  readonly to: number;
  readonly kind: 'crash' | 'stop';
}

/** What happened to one job within a stretch of time. */
export interface Timeline {
  readonly start: number;
  readonly end: number;
  readonly timezone: string;
  readonly instances: number;
  /** All occurrences of the schedule, whether or not an instance was there. */
  readonly due: readonly number[];
  /** Runs in the order of their start. */
  readonly runs: readonly TimelineRun[];
  readonly skips: readonly TimelineSkip[];
  readonly outages: readonly TimelineOutage[];
  /** Stretches outside the job's time window. */
  readonly closed: readonly { readonly from: number; readonly to: number }[];
}
