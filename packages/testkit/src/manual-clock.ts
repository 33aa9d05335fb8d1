import type { Clock } from '@cloudiful-scheduler/core';

/** Captured once, so that a test runner's fake timers do not stop the clock. */
const nextTurn: (callback: () => void) => void =
  (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate ??
  ((callback) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      callback();
    });
    port1.start();
    port2.postMessage(undefined);
  });

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/**
 * A clock that stands still until a test moves it. Time passes only in {@link ManualClock.advance};
 * {@link ManualClock.jump} and {@link ManualClock.set} step the wall clock as an operator or NTP would.
 *
 * @example
 * ```ts
 * const clock = new ManualClock('2026-01-01T00:00:00Z');
 * const handle = new Scheduler({ clock }).start(job);
 * await clock.advance(60_000);
 * ```
 */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #order = 0;
  readonly #timers: Timer[] = [];

  /** @param start - The first instant of the wall clock. Default 2026-01-01T00:00:00Z. */
  constructor(start: Date | number | string = '2026-01-01T00:00:00Z') {
    this.#now = toInstant(start);
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = {
      dueAt: this.#monotonic + Math.max(0, delayMs),
      order: this.#order,
      callback,
      cancelled: false,
    };
    this.#order += 1;
    this.#insert(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#timers.filter((timer) => !timer.cancelled).length;
  }

  /**
   * Lets `ms` milliseconds pass: both clocks go from timer to timer, and after each one all promises that
   * can settle do.
   *
   * @throws RangeError for a negative, infinite or missing number.
   */
  async advance(ms: number): Promise<void> {
    if (!Number.isFinite(ms) || ms < 0)
      throw new RangeError(`Time passes forward only, received ${String(ms)} ms`);
    const end = this.#monotonic + ms;
    await this.settle();
    for (;;) {
      const timer = this.#timers[0];
      if (timer === undefined || timer.dueAt > end) break;
      this.#remove();
      if (timer.cancelled) continue;
      this.#pass(Math.max(0, timer.dueAt - this.#monotonic));
      timer.callback();
      await this.settle();
    }
    this.#pass(end - this.#monotonic);
  }

  /** Steps the wall clock by `ms`, forward or back. No time passes and no timer fires. */
  jump(ms: number): void {
    if (!Number.isFinite(ms)) throw new RangeError(`Not a number of milliseconds: ${String(ms)}`);
    this.#now += ms;
  }

  /** Steps the wall clock to an instant. No time passes and no timer fires. */
  set(instant: Date | number | string): void {
    this.#now = toInstant(instant);
  }

  /** Lets all promises settle that can without time passing. */
  settle(): Promise<void> {
    return new Promise((resolve) => nextTurn(resolve));
  }

  #pass(ms: number): void {
    this.#now += ms;
    this.#monotonic += ms;
  }

  #insert(timer: Timer): void {
    const timers = this.#timers;
    let index = timers.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(timers[parent] as Timer, timer)) break;
      timers[index] = timers[parent] as Timer;
      index = parent;
    }
    timers[index] = timer;
  }

  #remove(): void {
    const timers = this.#timers;
    const last = timers.pop() as Timer;
    if (timers.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= timers.length) break;
      const right = left + 1;
      const child =
        right < timers.length && isBefore(timers[right] as Timer, timers[left] as Timer) ? right : left;
      if (isBefore(last, timers[child] as Timer)) break;
      timers[index] = timers[child] as Timer;
      index = child;
    }
    timers[index] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueAt === b.dueAt ? a.order < b.order : a.dueAt < b.dueAt;
}

function toInstant(value: Date | number | string): number {
  const instant = new Date(value).getTime();
  if (Number.isNaN(instant)) throw new RangeError(`Not an instant: ${String(value)}`);
  return instant;
}
