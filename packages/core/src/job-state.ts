/** A run that was claimed and whose end is not recorded yet. */
export interface InFlightRun {
  /** The occurrence that is run. */
  readonly scheduledAt: Date;
  /** Whether the run makes up for missed occurrences. */
  readonly catchUp: boolean;
  /** {@link JobState.triggerCount} right after this occurrence was consumed. */
  readonly triggerCount: number;
  /** 1 for the first attempt; one more each time the run was interrupted and is run again. */
  readonly attempt: number;
  /** The owner id of the engine that claimed it. */
  readonly owner: string;
  /** Whether it was asked for with `handle.trigger()`, outside the schedule. */
  readonly manual?: boolean | undefined;
  /** Whether its owner was stopped before the run began, so that the next one has nothing to make up for. */
  readonly handedBack?: boolean | undefined;
}

/**
 * Everything that is remembered of a job, and all that instances have to agree on. One versioned record
 * per job; state objects are never changed in place.
 */
export interface JobState {
  /** The job. */
  readonly jobId: string;
  /** How many occurrences of the schedule were consumed: run, coalesced or skipped. */
  readonly triggerCount: number;
  /** When the last run started. */
  readonly lastRunAt?: Date | undefined;
  /** When the last successful run ended. */
  readonly lastSuccessAt?: Date | undefined;
  /** The next occurrence to act on; `undefined` when the schedule has none left. */
  readonly nextRunAt?: Date | undefined;
  /**
   * Message of the error that the last run ended with, cut off after 10,000 characters; `undefined` when it
   * succeeded.
   */
  readonly lastError?: string | undefined;
  /** The last occurrence of the schedule that was consumed. */
  readonly lastScheduledAt?: Date | undefined;
  /** Shared pause: while true, no instance claims an occurrence. */
  readonly paused: boolean;
  /** Claimed runs in the order in which they were claimed. */
  readonly inFlight: readonly InFlightRun[];
  /**
   * {@link Schedule.fingerprint} of the schedule that `nextRunAt` was computed from. If that follows a time zone other
   * than UTC, ` in ` and the zone stand behind it.
   */
  readonly scheduleFingerprint?: string | undefined;
}
