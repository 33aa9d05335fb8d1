import type { InFlightRun, JobState } from '../job-state.js';

/**
 * A change of the record. It is worked out anew after each conflict, so that no decision rests on a state
 * that another instance has changed since.
 */
export interface Change {
  readonly next: JobState;
  /**
   * The run that it enters under this instance's owner id. Another may have consumed the same occurrences, but
   * none makes such a change.
   */
  readonly claimed?: InFlightRun;
  /** Whether `state` shows that the change was made, though its answer was lost. */
  isIn(state: JobState): boolean;
  /** Goes on after the change was made. */
  done(): void;
}
