/** How many calls of a turn may wait for their answers before jobs that come due wait for the next turn. */
const MOST_CALLS = 64;

/**
 * Counts the calls of the store that were made in the present turn of the event loop and wait for an answer, so that
 * of ten thousand jobs that are due at once the first are run before the last are claimed: what has begun ends soon,
 * and little is kept in memory meanwhile. Calls of earlier turns do not count: where answers take long, or never come,
 * each turn lets as many jobs begin.
 */
export class CallPressure {
  /** Called when jobs that came due may begin in the present turn after all. */
  onRelief: (() => void) | undefined;
  #turn = 0;
  #unanswered = 0;

  /** Whether jobs that come due are to wait for the next turn. */
  get isHigh(): boolean {
    return this.#unanswered >= MOST_CALLS;
  }

  nextTurn(): void {
    this.#turn += 1;
    this.#unanswered = 0;
  }

  /** Counts a call; returns what {@link CallPressure.end} takes. */
  begin(): number {
    this.#unanswered += 1;
    return this.#turn;
  }

  /** Jobs may begin before this returns, so the answer has to be dealt with before. */
  end(turn: number): void {
    if (turn !== this.#turn) return;
    this.#unanswered -= 1;
    if (this.#unanswered === MOST_CALLS - 1) this.onRelief?.();
  }
}
