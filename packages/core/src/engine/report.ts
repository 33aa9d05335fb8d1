import type { RunStatus, SkipReason, StopReason } from '../events.js';
import type { JobState } from '../job-state.js';

/** One run that ended in this scheduler. */
export interface RunRecord {
  /** The occurrence. */
  readonly scheduledAt: Date;
  /** When the task was called. */
  readonly startedAt: Date;
  /** When the task settled. */
  readonly finishedAt: Date;
  /** Whether the run made up for missed occurrences. */
  readonly catchUp: boolean;
  /** How many occurrences were consumed when it was claimed, its own included. */
  readonly triggerCount: number;
  /** 1 for the first attempt; more after interruptions. */
  readonly attempt: number;
  /** Whether it was asked for with `handle.trigger()`. */
  readonly manual: boolean;
  /** Whether the task returned (`success`) or threw (`failed`). */
  readonly status: RunStatus;
  /** Message of what the task threw, cut off after 10,000 characters; `undefined` for a success. */
  readonly error: string | undefined;
}

/** What a job leaves when it has come to its end. */
export interface JobReport {
  /** The job. */
  readonly jobId: string;
  /** The last state that this scheduler knows. */
  readonly state: JobState;
  /** The last runs, oldest first, at most `historyLimit`. */
  readonly history: readonly RunRecord[];
  /** Why an occurrence was skipped last; `undefined` when none was. */
  readonly lastSkipReason: SkipReason | undefined;
  /** Why the job ended; a failed job rejects instead. */
  readonly stopReason: Exclude<StopReason, 'failed'>;
}

/** What a job is doing right now. */
export interface JobSnapshot {
  /** The job. */
  readonly jobId: string;
  /** How it ended, or what the job is doing. */
  readonly status: 'starting' | 'waiting' | 'running' | 'paused' | 'stopping' | 'stopped' | 'failed';
  /** The next occurrence to act on; `undefined` when there is none. */
  readonly nextRunAt: Date | undefined;
  /** Runs under way in this instance. */
  readonly active: number;
  /** Claimed runs of this instance that wait for the active one. */
  readonly queued: number;
  /** Whether the store or the guard does not answer, or the store answers nothing but conflicts. */
  readonly degraded: boolean;
  /** How many occurrences were consumed by then. */
  readonly triggerCount: number;
}

/** What became of `handle.trigger()`. */
export type TriggerResult =
  /** The run was claimed and begins, or waits for the active run when `queued`. */
  | { readonly status: 'triggered'; readonly scheduledAt: Date; readonly queued: boolean }
  | { readonly status: 'skipped'; readonly reason: SkipReason };
