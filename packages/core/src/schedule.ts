/** What a {@link Schedule} may know besides the instant that it is asked from. */
export interface ScheduleContext {
  /** IANA name of the time zone of the job, used by schedules that follow local time. */
  readonly timezone: string;
}

/** The occurrences of a schedule within a closed range of time. */
export interface DueSummary {
  /** How many occurrences lie in the range. */
  readonly count: number;
  /** The earliest of them in epoch milliseconds; `undefined` when `count` is 0. */
  readonly first: number | undefined;
  /** The latest of them in epoch milliseconds; `undefined` when `count` is 0. */
  readonly last: number | undefined;
}

/**
 * Says when a job is due. A schedule is pure: the same arguments always give the same answer, and it
 * reads no clock. All instants are whole epoch milliseconds.
 *
 * @example
 * ```ts
 * const everyFullSecond: Schedule = {
 *   kind: 'full_second',
 *   fingerprint: 'full_second',
 *   first: (now) => Math.floor(now / 1_000) * 1_000 + 1_000,
 *   next: (after) => Math.floor(after / 1_000) * 1_000 + 1_000,
 * };
 * ```
 */
export interface Schedule {
  /** The family of the schedule: `interval`, `at_times`, `cron`, or a name of your own. */
  readonly kind: string;
  /**
   * What the schedule is, as text. It is stored with the state: a different text means a different
   * schedule, so that the next run is computed anew after the schedule was edited between deploys.
   */
  readonly fingerprint: string;
  /**
   * Whether occurrences depend on {@link ScheduleContext.timezone}. The engine then takes another time zone
   * for another schedule, and stores a zone other than UTC with the fingerprint. Default false.
   */
  readonly followsTimezone?: boolean | undefined;
  /**
   * The first occurrence of a job that starts at `now` without stored state; `undefined` when there is
   * none. It may lie in the past (planned times that were missed).
   */
  first(now: number, context: ScheduleContext): number | undefined;
  /** The earliest occurrence strictly after `after`; `undefined` when the schedule is exhausted. */
  next(after: number, context: ScheduleContext): number | undefined;
  /**
   * Fast path: the occurrences in `[from, through]` without stepping through each. `from` is always an
   * occurrence that the schedule returned before. A schedule without it is stepped through in slices.
   */
  due?(from: number, through: number, context: ScheduleContext): DueSummary;
}
