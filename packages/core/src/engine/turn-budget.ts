import type { Clock } from '../clock.js';
import { NEXT_TURN, type TimerEntry, type TimerQueue } from './timer-queue.js';

/** For how long jobs may go from one step to the next before the event loop gets its turn. */
const BUDGET_MS = 10;
/** How many steps of a turn are taken before the time is looked at. */
const FREE_STEPS = 16;

/**
 * Tells jobs when to let the event loop go on. With a store that answers at once, a job would otherwise go from
 * step to step in promises alone, and nothing else in the process would run until its backlog is done. A timer
 * that is set for now and does not fire shows that this is the case.
 */
export class TurnBudget implements TimerEntry {
  dueAt = 0;
  heapIndex = -1;
  #steps = 0;
  #startedAt: number | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly timers: TimerQueue,
  ) {
    timers.onTurn = () => this.#begin();
  }

  /** Counts a step; returns whether it has to wait for the next turn of the event loop. */
  isSpent(): boolean {
    this.#steps += 1;
    if (this.#steps < FREE_STEPS) return false;
    const now = this.clock.monotonic();
    if (this.#startedAt === undefined) {
      this.#startedAt = now;
      // Before all others: after a stall much may be due, and none of it must be told to wait for a turn that began.
      this.timers.setMonotonic(this, NEXT_TURN);
      return false;
    }
    return now - this.#startedAt >= BUDGET_MS;
  }

  onDue(): void {
    this.#begin();
  }

  #begin(): void {
    this.#steps = 0;
    this.#startedAt = undefined;
  }
}
