/**
 * What happens to fixed times that a change of the offset skips.
 *
 * - `next_instant`: they run once, all together, at the first instant after the gap.
 * - `skip`: they do not run.
 * - `shift`: each runs later by the length of the gap, 02:30 at 03:30.
 */
export type GapRule = 'next_instant' | 'skip' | 'shift';

/**
 * What happens to fixed times that exist twice.
 *
 * - `first`: they run when they are reached first.
 * - `second`: they run when they come again.
 * - `both`: they run both times.
 */
export type OverlapRule = 'first' | 'second' | 'both';

/** How an expression with fixed hours meets a change of the offset. */
export interface DaylightSaving {
  /** Default `next_instant`. */
  readonly gap?: GapRule | undefined;
  /** Default `first`. */
  readonly overlap?: OverlapRule | undefined;
}
