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
  /** What happened. */
  readonly type: Type;
  /** The job that it happened to. */
  readonly jobId: string;
  /** When it happened, by the scheduler's clock. */
  readonly at: Date;
}

interface OccurrenceFields {
  /** The occurrence. */
  readonly scheduledAt: Date;
  /** Whether the run makes up for missed occurrences. */
  readonly catchUp: boolean;
  /** {@link JobState.triggerCount} right after the occurrence was consumed. */
  readonly triggerCount: number;
  /** Whether it was asked for with `handle.trigger()`, outside the schedule. */
  readonly manual: boolean;
}

interface RunFields extends OccurrenceFields {
  /** 1 for the first attempt; one more each time the run was interrupted and is run again. */
  readonly attempt: number;
  /** How long after `scheduledAt` the run started, in milliseconds. */
  readonly latenessMs: number;
}

interface LeaseFields {
  /** The occurrence. */
  readonly scheduledAt: Date;
  /** The resource that the lease protects. */
  readonly resourceId: string;
}

/** The state of the job was read, or begun; the handle's `started` is settled. */
export interface StateLoadedEvent extends EventBase<'state_loaded'> {
  /** `new`: nothing was stored; `restored`: as it was stored; `repaired`: its missing next run was worked out. */
  readonly source: 'new' | 'restored' | 'repaired';
  /** The next occurrence to act on; `undefined` when there is none left. */
  readonly nextRunAt: Date | undefined;
  /** How many occurrences were consumed so far. */
  readonly triggerCount: number;
  /** Runs that were found in flight. */
  readonly inFlight: number;
}

/** A record that could not be used as it was has been put right. */
export interface StateRepairedEvent extends EventBase<'state_repaired'> {
  /** `missing_next_run`: had no next run though it is not terminal; `record_lost`: vanished under the job. */
  readonly reason: 'missing_next_run' | 'record_lost';
  /** The next occurrence to act on; `undefined` when there is none left. */
  readonly nextRunAt: Date | undefined;
}

/** The stored state belongs to another schedule: it was edited since. */
export interface ScheduleChangedEvent extends EventBase<'schedule_changed'> {
  /** What the stored state was of. */
  readonly previousFingerprint: string;
  /** What the schedule is now. */
  readonly fingerprint: string;
  /** The next run that was stored. */
  readonly previousNextRunAt: Date | undefined;
  /** The next occurrence to act on; `undefined` when there is none left. */
  readonly nextRunAt: Date | undefined;
}

/** An occurrence was claimed and is going to run, at once or, when `queued`, after the active run. */
export interface TriggerEmittedEvent extends EventBase<'trigger_emitted'>, OccurrenceFields {
  /** How many older occurrences this catch-up stands for, beside its own. */
  readonly coalesced: number;
  /** Whether the run waits for the active one. */
  readonly queued: boolean;
}

/** The task was called. */
export interface RunStartedEvent extends EventBase<'run_started'>, RunFields {
  /** Present when the run is guarded. */
  readonly fencingToken?: number | undefined;
}

/** The task settled. */
export interface RunCompletedEvent extends EventBase<'run_completed'>, RunFields {
  /** How the run ended. */
  readonly status: RunStatus;
  /** When the task was called. */
  readonly startedAt: Date;
  /** When the task settled. */
  readonly finishedAt: Date;
  /** How long the task took, in milliseconds. */
  readonly durationMs: number;
  /** What the task threw. */
  readonly error?: unknown;
}

/** One or more occurrences were dropped, or a claimed run did not happen here. */
export interface RunSkippedEvent extends EventBase<'run_skipped'>, OccurrenceFields {
  /** Why. */
  readonly reason: SkipReason;
  /** How many occurrences were dropped; `scheduledAt` is the last of them. */
  readonly count: number;
  /** The first of them. */
  readonly firstScheduledAt: Date;
}

/** A lease was acquired. */
export interface GuardAcquiredEvent extends EventBase<'guard_acquired'>, LeaseFields {
  /** The fencing token of the lease. */
  readonly fencingToken: number;
}
/** Another owner holds the lease. */
export interface GuardContendedEvent extends EventBase<'guard_contended'>, LeaseFields {}
/** A lease was extended. */
export interface GuardRenewedEvent extends EventBase<'guard_renewed'>, LeaseFields {
  /** The fencing token of the lease. */
  readonly fencingToken: number;
}
/** An attempt to extend a lease failed; it is repeated until the lease runs out. */
export interface GuardRenewFailedEvent extends EventBase<'guard_renew_failed'>, LeaseFields {
  /** The fencing token of the lease. */
  readonly fencingToken: number;
  /** What went wrong. */
  readonly error: unknown;
}
/** A lease can no longer be trusted; the run's `signal` is aborted. */
export interface GuardLostEvent extends EventBase<'guard_lost'>, LeaseFields {
  /** The fencing token of the lease. */
  readonly fencingToken: number;
}
/** A lease was given back. */
export interface GuardReleasedEvent extends EventBase<'guard_released'>, LeaseFields {
  /** The fencing token of the lease. */
  readonly fencingToken: number;
  /** `completed` leaves a done marker; `abandoned` leaves the occurrence free. */
  readonly outcome: 'completed' | 'abandoned';
}
/** A lease could not be given back. */
export interface GuardReleaseFailedEvent extends EventBase<'guard_release_failed'>, LeaseFields {
  /** The fencing token of the lease. */
  readonly fencingToken: number;
  /** What went wrong. */
  readonly error: unknown;
}
/** Leases cannot be had, so runs wait; or a shared store is used without a guard. */
export interface GuardDegradedEvent extends EventBase<'guard_degraded'> {
  /** Why. */
  readonly reason: 'unavailable' | 'shared_store_without_guard';
  /** What went wrong. */
  readonly error?: unknown;
}
/** The guard answers again. */
export interface GuardRecoveredEvent extends EventBase<'guard_recovered'> {}

/** The store does not answer; the engine waits, or the store goes on from its mirror. */
export interface StoreDegradedEvent extends EventBase<'store_degraded'> {
  /** What sort of trouble it is. */
  readonly kind: SchedulerErrorKind;
  /** What went wrong. */
  readonly error?: unknown;
}
/** A resilient store tries to return to its primary. */
export interface StoreRecoveringEvent extends EventBase<'store_recovering'> {}
/** The store answers again. */
export interface StoreRecoveredEvent extends EventBase<'store_recovered'> {}
/** A resilient store could not return to its primary yet. */
export interface StoreRecoveryFailedEvent extends EventBase<'store_recovery_failed'> {
  /** What went wrong. */
  readonly error?: unknown;
}
/**
 * A resilient store found that another had written while it was degraded; or a store has answered `conflict` so
 * often in a row that the engine goes on with pauses, reported once.
 */
export interface StoreConflictEvent extends EventBase<'store_conflict'> {
  /** What went wrong. */
  readonly error?: unknown;
}

/** The job no longer claims occurrences. */
export interface PausedEvent extends EventBase<'paused'> {
  /** `local`: in this instance; `shared`: for all instances on the same store. */
  readonly scope: 'local' | 'shared';
}
/** The job claims occurrences again. */
export interface ResumedEvent extends EventBase<'resumed'> {
  /** `local`: in this instance; `shared`: for all instances on the same store. */
  readonly scope: 'local' | 'shared';
}

/** The record of a finished job was removed, as `terminalStatePolicy: 'delete'` asks. */
export interface TerminalStateDeletedEvent extends EventBase<'terminal_state_deleted'> {}

/** The job came to its end in this scheduler. */
export interface SchedulerStoppedEvent extends EventBase<'scheduler_stopped'> {
  /** Why. */
  readonly reason: StopReason;
  /** What went wrong. */
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
