import type { SchedulerErrorKind } from './errors.js';

/** Why an occurrence was consumed without a run, or a claimed run did not happen here. */
export type SkipReason =
  | 'outside_time_window'
  | 'missed'
  | 'overlap'
  | 'contended'
  | 'already_completed'
  | 'interrupted'
  | 'too_late'
  | 'paused';

/** How a run ended. */
export type RunStatus = 'success' | 'failed';

/** Why a job came to its end. */
export type StopReason = 'terminal' | 'cancelled' | 'shutdown' | 'failed';

interface EventBase<Type extends string> {
  readonly type: Type;
  readonly jobId: string;
  /** When it happened, by the scheduler's clock. */
  readonly at: Date;
}

interface OccurrenceFields {
  readonly scheduledAt: Date;
  readonly catchUp: boolean;
  /** {@link JobState.triggerCount} right after the occurrence was consumed. */
  readonly triggerCount: number;
  /** Whether it was asked for with `handle.trigger()`, outside the schedule. */
  readonly manual: boolean;
}

interface RunFields extends OccurrenceFields {
  readonly attempt: number;
  /** How long after `scheduledAt` the run started, in milliseconds. */
  readonly latenessMs: number;
}

interface LeaseFields {
  readonly scheduledAt: Date;
  readonly resourceId: string;
}

/** The state of the job was read, or begun; the handle's `started` is settled. */
export interface StateLoadedEvent extends EventBase<'state_loaded'> {
  readonly source: 'new' | 'restored' | 'repaired';
  readonly nextRunAt: Date | undefined;
  readonly triggerCount: number;
  /** Runs that were found in flight. */
  readonly inFlight: number;
}

/** A record that could not be used as it was has been put right. */
export interface StateRepairedEvent extends EventBase<'state_repaired'> {
  /** `missing_next_run`: had no next run though it is not terminal; `record_lost`: vanished under the job. */
  readonly reason: 'missing_next_run' | 'record_lost';
  readonly nextRunAt: Date | undefined;
}

/** The stored state belongs to another schedule: it was edited since. */
export interface ScheduleChangedEvent extends EventBase<'schedule_changed'> {
  readonly previousFingerprint: string;
  readonly fingerprint: string;
  readonly previousNextRunAt: Date | undefined;
  readonly nextRunAt: Date | undefined;
}

/** An occurrence was claimed and is going to run, at once or, when `queued`, after the active run. */
export interface TriggerEmittedEvent extends EventBase<'trigger_emitted'>, OccurrenceFields {
  /** How many older occurrences this catch-up stands for, beside its own. */
  readonly coalesced: number;
  readonly queued: boolean;
}

/** The task was called. */
export interface RunStartedEvent extends EventBase<'run_started'>, RunFields {
  /** Present when the run is guarded. */
  readonly fencingToken?: number | undefined;
}

/** The task settled. */
export interface RunCompletedEvent extends EventBase<'run_completed'>, RunFields {
  readonly status: RunStatus;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly durationMs: number;
  /** What the task threw. */
  readonly error?: unknown;
}

/** One or more occurrences were dropped, or a claimed run did not happen here. */
export interface RunSkippedEvent extends EventBase<'run_skipped'>, OccurrenceFields {
  readonly reason: SkipReason;
  /** How many occurrences were dropped; `scheduledAt` is the last of them. */
  readonly count: number;
  /** The first of them. */
  readonly firstScheduledAt: Date;
}

/** A lease was acquired. */
export interface GuardAcquiredEvent extends EventBase<'guard_acquired'>, LeaseFields {
  readonly fencingToken: number;
}
/** Another owner holds the lease. */
export interface GuardContendedEvent extends EventBase<'guard_contended'>, LeaseFields {}
/** A lease was extended. */
export interface GuardRenewedEvent extends EventBase<'guard_renewed'>, LeaseFields {
  readonly fencingToken: number;
}
/** An attempt to extend a lease failed; it is repeated until the lease runs out. */
export interface GuardRenewFailedEvent extends EventBase<'guard_renew_failed'>, LeaseFields {
  readonly fencingToken: number;
  readonly error: unknown;
}
/** A lease can no longer be trusted; the run's `signal` is aborted. */
export interface GuardLostEvent extends EventBase<'guard_lost'>, LeaseFields {
  readonly fencingToken: number;
}
/** A lease was given back. */
export interface GuardReleasedEvent extends EventBase<'guard_released'>, LeaseFields {
  readonly fencingToken: number;
  readonly outcome: 'completed' | 'abandoned';
}
/** A lease could not be given back. */
export interface GuardReleaseFailedEvent extends EventBase<'guard_release_failed'>, LeaseFields {
  readonly fencingToken: number;
  readonly error: unknown;
}
/** Leases cannot be had, so runs wait; or a shared store is used without a guard. */
export interface GuardDegradedEvent extends EventBase<'guard_degraded'> {
  readonly reason: 'unavailable' | 'shared_store_without_guard';
  readonly error?: unknown;
}
/** The guard answers again. */
export interface GuardRecoveredEvent extends EventBase<'guard_recovered'> {}

/** The store does not answer; the engine waits, or the store goes on from its mirror. */
export interface StoreDegradedEvent extends EventBase<'store_degraded'> {
  readonly kind: SchedulerErrorKind;
  readonly error?: unknown;
}
/** A resilient store tries to return to its primary. */
export interface StoreRecoveringEvent extends EventBase<'store_recovering'> {}
/** The store answers again. */
export interface StoreRecoveredEvent extends EventBase<'store_recovered'> {}
/** A resilient store could not return to its primary yet. */
export interface StoreRecoveryFailedEvent extends EventBase<'store_recovery_failed'> {
  readonly error?: unknown;
}
/** A resilient store found that another had written while it was degraded. */
export interface StoreConflictEvent extends EventBase<'store_conflict'> {
  readonly error?: unknown;
}

/** The job no longer claims occurrences. */
export interface PausedEvent extends EventBase<'paused'> {
  readonly scope: 'local' | 'shared';
}
/** The job claims occurrences again. */
export interface ResumedEvent extends EventBase<'resumed'> {
  readonly scope: 'local' | 'shared';
}

/** The record of a finished job was removed, as `terminalStatePolicy: 'delete'` asks. */
export interface TerminalStateDeletedEvent extends EventBase<'terminal_state_deleted'> {}

/** The job came to its end in this scheduler. */
export interface SchedulerStoppedEvent extends EventBase<'scheduler_stopped'> {
  readonly reason: StopReason;
  readonly error?: unknown;
}

/** Everything that a scheduler reports, as one union discriminated by `type`. */
export type SchedulerEvent =
  | StateLoadedEvent
  | StateRepairedEvent
  | ScheduleChangedEvent
  | TriggerEmittedEvent
  | RunStartedEvent
  | RunCompletedEvent
  | RunSkippedEvent
  | GuardAcquiredEvent
  | GuardContendedEvent
  | GuardRenewedEvent
  | GuardRenewFailedEvent
  | GuardLostEvent
  | GuardReleasedEvent
  | GuardReleaseFailedEvent
  | GuardDegradedEvent
  | GuardRecoveredEvent
  | StoreDegradedEvent
  | StoreRecoveringEvent
  | StoreRecoveredEvent
  | StoreRecoveryFailedEvent
  | StoreConflictEvent
  | PausedEvent
  | ResumedEvent
  | TerminalStateDeletedEvent
  | SchedulerStoppedEvent;
