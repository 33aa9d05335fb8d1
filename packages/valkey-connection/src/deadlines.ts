/** Something that must end in time. */
export interface Deadline {
  /** When its time is up, in the time of `performance.now()`. */
  readonly dueAt: number;
  expire(): void;
}

/**
 * The deadlines of calls that may all take equally long, so that the oldest is due first: one timer serves them
 * all, and keeps the process alive only while there are any.
 */
export class Deadlines {
  readonly #waiting = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  get size(): number {
    return this.#waiting.size;
  }

  add(deadline: Deadline): void {
    this.#waiting.add(deadline);
    if (this.#waiting.size > 1) return;
    if (this.#timer === undefined) this.#arm(deadline);
    else this.#timer.ref();
  }

  remove(deadline: Deadline): void {
    if (this.#waiting.delete(deadline) && this.#waiting.size === 0) this.#timer?.unref();
  }

  #arm({ dueAt }: Deadline): void {
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, Math.ceil(dueAt - performance.now())));
  }

  #fire(): void {
    const now = performance.now();
    // After a stall of this process the answers may be there already, waiting to be read.
    setImmediate(() => this.#expire(now));
  }

  #expire(now: number): void {
    this.#timer = undefined;
    for (const deadline of this.#waiting) {
      if (deadline.dueAt > now) break;
      this.#waiting.delete(deadline);
      deadline.expire();
    }
    const [oldest] = this.#waiting;
    if (oldest !== undefined && this.#timer === undefined) this.#arm(oldest);
  }
}
