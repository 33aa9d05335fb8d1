import type { ExecutionLease } from './execution-guard.js';
import type { TimeWindowRule } from './policy/time-window.js';
import type { Schedule } from './schedule.js';

/** What happens to occurrences that were missed. */
export type MissedRunPolicy = 'skip' | 'catch_up_once' | 'replay_all';
/** What happens to an occurrence that comes due while a run is active. */
export type OverlapPolicy = 'forbid' | 'queue_one' | 'allow_parallel';
/** What happens to a run whose process died. */
export type InterruptedRunPolicy = 'rerun' | 'skip';
/** What a lease of the job protects. */
export type GuardScope = 'occurrence' | 'resource';
/** A day of the week in a time window. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** A stretch of local time. `start` is inclusive, `end` exclusive; a start after the end crosses midnight. */
export interface TimeWindowSegment {
  /** `HH:mm` or `HH:mm:ss`. */
  readonly start: string;
  /** `HH:mm` or `HH:mm:ss`; `24:00` is the end of the day. */
  readonly end: string;
}

/** When a job may run, by local time. Checked when a run is about to start. */
export interface TimeWindow {
  /** IANA name; default the job's time zone, else the scheduler's. */
  readonly timezone?: string | undefined;
  /** Days on which a segment may start; default all. */
  readonly weekdays?: readonly Weekday[] | undefined;
  /** Stretches of the day; default the whole day. */
  readonly segments?: readonly TimeWindowSegment[] | undefined;
}

/** What is known of the run that a task is called for. */
export interface RunContext {
  /** The job. */
  readonly jobId: string;
  /** The occurrence; with the job id it names the run, also across attempts. */
  readonly scheduledAt: Date;
  /** Whether the run makes up for missed occurrences. */
  readonly catchUp: boolean;
  /** How many occurrences were consumed, this one included. */
  readonly triggerCount: number;
  /** 1 for the first attempt; one more each time its owner was gone before the end was recorded. */
  readonly attempt: number;
  /** IANA name of the job's time zone, else of the scheduler's. */
  readonly timezone: string;
  /** Whether it was asked for with `handle.trigger()`, outside the schedule. */
  readonly manual: boolean;
}

/** What a task is called with. */
export interface TaskContext<Deps = unknown> {
  /** The run that the task is called for. */
  readonly run: RunContext;
  /** What the job's `deps` holds. */
  readonly deps: Deps;
  /** Aborted when the job is cancelled, its shutdown grace is over, or its lease is lost. */
  readonly signal: AbortSignal;
  /** The lease that the run holds; `undefined` without a guard. */
  readonly lease: ExecutionLease | undefined;
}

/** The work of a job. What it throws or rejects with makes the run `failed`. */
export type Task<Deps = unknown> = (context: TaskContext<Deps>) => unknown;

/** What {@link defineJob} takes. */
export interface JobOptions<Deps = undefined> {
  /** Names the job and its stored state; not empty. */
  readonly id: string;
  /** When the job is due: `every()`, `atTimes()`, `cron()` or a {@link Schedule} of your own. */
  readonly schedule: Schedule;
  /** The work. */
  readonly task: Task<Deps>;
  /** Whatever the task needs; reaches it as `context.deps`. Required when the task is typed to need something. */
  readonly deps?: Deps | undefined;
  /** Default `catch_up_once`. */
  readonly missedRunPolicy?: MissedRunPolicy | undefined;
  /** Default `forbid`. */
  readonly overlapPolicy?: OverlapPolicy | undefined;
  /** Default `rerun`. */
  readonly interruptedRunPolicy?: InterruptedRunPolicy | undefined;
  /** How often an interrupted run is run again before it is skipped. Default 3. */
  readonly maxInterruptedReruns?: number | undefined;
  /**
   * IANA name of the time zone for a schedule and a time window without their own; it reaches the task as
   * `run.timezone`. Default the scheduler's.
   */
  readonly timezone?: string | undefined;
  /** When the job may run, or the rule of another job; default always. */
  readonly timeWindow?: TimeWindow | TimeWindowRule | undefined;
  /** How many occurrences are consumed before the job is finished; 0 finishes at once. Default no limit. */
  readonly maxRuns?: number | undefined;
  /** How many missed occurrences `replay_all` keeps; the oldest beyond are dropped. Default 1,000. */
  readonly replayLimit?: number | undefined;
  /** Missed occurrences older than this, in milliseconds, are dropped. Default no limit. */
  readonly catchUpWithinMs?: number | undefined;
  /** Default `occurrence`. */
  readonly guardScope?: GuardScope | undefined;
  /** The resource that the lease protects; default the job id. */
  readonly resourceId?: string | undefined;
}

/** A checked, frozen job definition, made by {@link defineJob}. */
export interface Job<Deps = unknown> {
  /** See {@link JobOptions.id}. */
  readonly id: string;
  /** See {@link JobOptions.schedule}. */
  readonly schedule: Schedule;
  /** See {@link JobOptions.task}. A method, so that jobs with different `deps` fit one list. */
  task(context: TaskContext<Deps>): unknown;
  /** See {@link JobOptions.deps}. */
  readonly deps: Deps;
  /** See {@link JobOptions.missedRunPolicy}. */
  readonly missedRunPolicy: MissedRunPolicy;
  /** See {@link JobOptions.overlapPolicy}. */
  readonly overlapPolicy: OverlapPolicy;
  /** See {@link JobOptions.interruptedRunPolicy}. */
  readonly interruptedRunPolicy: InterruptedRunPolicy;
  /** See {@link JobOptions.maxInterruptedReruns}. */
  readonly maxInterruptedReruns: number;
  /** See {@link JobOptions.timezone}. */
  readonly timezone?: string | undefined;
  /** The checked time window; `contains` tells whether an instant lies inside. */
  readonly timeWindow: TimeWindowRule | undefined;
  /** See {@link JobOptions.maxRuns}. */
  readonly maxRuns: number | undefined;
  /** See {@link JobOptions.replayLimit}. */
  readonly replayLimit: number;
  /** See {@link JobOptions.catchUpWithinMs}. */
  readonly catchUpWithinMs: number | undefined;
  /** See {@link JobOptions.guardScope}. */
  readonly guardScope: GuardScope;
  /** See {@link JobOptions.resourceId}. */
  readonly resourceId: string;
}
