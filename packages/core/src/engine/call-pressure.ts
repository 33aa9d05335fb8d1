import type { Clock } from '../clock.js';

/** How many calls may wait for their answers before jobs that come due wait for them too. */
const MOST_CALLS = 128;
/** What has not answered within one or two of these holds up nobody. */
export const PERIOD_MS = 50;

/**
 * Counts the calls of store and guard that wait for an answer, so that of ten thousand jobs that are due at once the
 * first are run before the last are claimed: what has begun ends soon, and little is kept in memory meanwhile.
 * Calls that hang are soon left out, since a job whose store hangs must not hold up others.
 */
export class CallPressure {
  /** Called when jobs that came due need not wait any longer. */
  onRelief: (() => void) | undefined;
  #period = 0;
  #periodEndsAt = Number.NEGATIVE_INFINITY;
  #recent = 0;
  #earlier = 0;

  constructor(private readonly clock: Clock) {}

  /** Whether jobs that come due are to wait. */
  get isHigh(): boolean {
    if (this.#recent + this.#earlier < MOST_CALLS) return false;
    this.#turnPeriod(this.clock.monotonic());
    return this.#recent + this.#earlier >= MOST_CALLS;
  }

  /** Counts a call that is sent at `now` of the monotonic clock; returns what {@link CallPressure.end} takes. */
  begin(now: number): number {
    this.#turnPeriod(now);
    this.#recent += 1;
    return this.#period;
  }

  end(period: number): void {
    const wasHigh = this.#recent + this.#earlier >= MOST_CALLS;
    if (period === this.#period) this.#recent -= 1;
    else if (period === this.#period - 1) this.#earlier -= 1;
    if (wasHigh && this.#recent + this.#earlier < MOST_CALLS) this.onRelief?.();
  }

  #turnPeriod(now: number): void {
    if (now < this.#periodEndsAt) return;
    // After a pause of more than a period both counts are of calls that hang.
    const isNext = now < this.#periodEndsAt + PERIOD_MS;
    this.#earlier = isNext ? this.#recent : 0;
    this.#recent = 0;
    this.#period += isNext ? 1 : 2;
    this.#periodEndsAt = now + PERIOD_MS;
  }
}
