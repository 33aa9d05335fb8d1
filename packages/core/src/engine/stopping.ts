/** How long tasks and the store may take to end after the signal was aborted. */
const ABORT_GRACE_MS = 1_000;

/** Why a job is stopped before its end. */
export type StoppedBy = 'cancelled' | 'shutdown';

/**
 * A job on its way to its end: when its grace is over its runs are aborted, and a while later those that have not
 * ended are left alone. Instants are of the monotonic clock.
 */
export class Stopping {
  #aborted = false;

  constructor(
    public reason: StoppedBy,
    public endsAt: number,
  ) {}

  /** Takes up a further request: a grace can be cut short, and whoever shuts down may cancel after all. */
  hasten(reason: StoppedBy, endsAt: number): void {
    if (this.#aborted) return;
    this.endsAt = Math.min(this.endsAt, endsAt);
    if (reason === 'cancelled') this.reason = reason;
  }

  /** What is to be done at `now`; runs are to be aborted once. */
  next(now: number): 'wait' | 'abort' | 'leave_alone' {
    if (now < this.endsAt) return 'wait';
    if (this.#aborted) return 'leave_alone';
    this.#aborted = true;
    this.endsAt = now + ABORT_GRACE_MS;
    return 'abort';
  }
}
