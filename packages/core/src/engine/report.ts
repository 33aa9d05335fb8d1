import type { RunStatus, SkipReason, StopReason } from '../events.js';
import type { JobState } from '../job-state.js';

/** One run that ended in this scheduler. */
export interface RunRecord {
  readonly scheduledAt: Date;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly catchUp: boolean;
  readonly triggerCount: number;
  readonly attempt: number;
  readonly manual: boolean;
  readonly status: RunStatus;
  /** Message of what the task threw; `undefined` for a success. */
  readonly error: string | undefined;
}

/** What a job leaves when it has come to its end. */
export interface JobReport {
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
  readonly jobId: string;
  readonly status: 'starting' | 'waiting' | 'running' | 'paused' | 'stopping' | 'stopped' | 'failed';
  readonly nextRunAt: Date | undefined;
  /** Runs under way in this instance. */
  readonly active: number;
  /** Claimed runs of this instance that wait for the active one. */
  readonly queued: number;
  /** Whether the store or the guard does not answer. */
  readonly degraded: boolean;
  readonly triggerCount: number;
}

/** What became of `handle.trigger()`. */
export type TriggerResult =
  /** The run was claimed and begins, or waits for the active run when `queued`. */
  | { readonly status: 'triggered'; readonly scheduledAt: Date; readonly queued: boolean }
  | { readonly status: 'skipped'; readonly reason: SkipReason };
