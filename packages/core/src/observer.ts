import type { SchedulerEvent } from './events.js';

/**
 * Receives every event of the jobs of a scheduler, synchronously and in order. What it throws is
 * contained and harms neither the scheduler nor other observers.
 *
 * @example
 * ```ts
 * const failures: SchedulerObserver = {
 *   onEvent(event) {
 *     if (event.type === 'run_completed' && event.status === 'failed') alert(event.jobId);
 *   },
 * };
 * ```
 */
export interface SchedulerObserver {
  /** Told of each event; must return soon. */
  onEvent(event: SchedulerEvent): void;
}
