import type { SchedulerEvent } from '../events.js';
import type { SchedulerObserver } from '../observer.js';

/** Hands an event to each observer; one that throws or rejects harms neither the caller nor the others. */
export function notifyObservers(observers: readonly SchedulerObserver[], event: SchedulerEvent): void {
  for (const observer of observers) {
    try {
      const result: unknown = observer.onEvent(event);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // Contained: what observes must not change what is observed.
    }
  }
}
