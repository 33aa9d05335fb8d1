import type { Clock } from '../clock.js';
import type { CallPressure } from './call-pressure.js';

/** Waits are cut at this length, so that clock steps, sleep and timer overflow are noticed. */
const LONGEST_WAIT_MS = 30_000;
/** How long one turn may call back before it lets the event loop go on. */
const TURN_BUDGET_MS = 10;

/** When an entry is due that has begun and waits for no more than the next turn of the event loop. */
export const NEXT_TURN = Number.NEGATIVE_INFINITY;

/** Something that waits in a {@link TimerQueue}; the queue keeps its place in `heapIndex`. */
export interface TimerEntry {
  /** When to call back, in the time of the heap that it waits in. */
  dueAt: number;
  /** The place in the heap; -1 while not waiting. */
  heapIndex: number;
  onDue(): void;
}

/** A binary heap of entries by `dueAt`, each of which knows its place so that it can be moved or removed. */
class TimerHeap {
  readonly #entries: TimerEntry[] = [];

  get earliest(): TimerEntry | undefined {
    return this.#entries[0];
  }

  set(entry: TimerEntry, dueAt: number): void {
    entry.dueAt = dueAt;
    if (entry.heapIndex === -1) {
      entry.heapIndex = this.#entries.length;
      this.#entries.push(entry);
    }
    this.#siftUp(entry);
    this.#siftDown(entry);
  }

  remove(entry: TimerEntry): void {
    if (entry.heapIndex === -1) return;
    const index = entry.heapIndex;
    entry.heapIndex = -1;
    const last = this.#entries.pop() as TimerEntry;
    if (last === entry) return;
    this.#put(last, index);
    this.#siftUp(last);
    this.#siftDown(last);
  }

  #put(entry: TimerEntry, index: number): void {
    this.#entries[index] = entry;
    entry.heapIndex = index;
  }

  #siftUp(entry: TimerEntry): void {
    while (entry.heapIndex > 0) {
      const index = entry.heapIndex;
      const parent = this.#entries[(index - 1) >> 1] as TimerEntry;
      if (parent.dueAt <= entry.dueAt) return;
      this.#put(entry, parent.heapIndex);
      this.#put(parent, index);
    }
  }

  #siftDown(entry: TimerEntry): void {
    for (;;) {
      const index = entry.heapIndex;
      const left = this.#entries[2 * index + 1];
      const right = this.#entries[2 * index + 2];
      const child = right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left;
      if (child === undefined || entry.dueAt <= child.dueAt) return;
      this.#put(entry, child.heapIndex);
      this.#put(child, index);
    }
  }
}

/**
 * The one timer of a scheduler. Entries wait either for an instant of the wall clock or for one of the
 * monotonic clock; whichever comes first arms the single timer of the {@link Clock}.
 */
export class TimerQueue {
  readonly #clock: Clock;
  readonly #pressure: CallPressure | undefined;
  readonly #wall = new TimerHeap();
  readonly #monotonic = new TimerHeap();
  #cancelTimer: (() => void) | undefined;
  #firesAt = Number.POSITIVE_INFINITY;
  #firing = false;
  /** Called when the event loop has had its turn. */
  onTurn: (() => void) | undefined;

  /** With a `pressure`, entries that wait for the wall clock also wait while it is high. */
  constructor(clock: Clock, pressure?: CallPressure) {
    this.#clock = clock;
    this.#pressure = pressure;
    if (pressure !== undefined) pressure.onRelief = () => this.#goOn();
  }

  /** Calls `entry` back at `instant` of the wall clock, instead of when it waited for before. */
  setWall(entry: TimerEntry, instant: number): void {
    this.#wall.set(entry, instant);
    if (entry === this.#wall.earliest) this.#arm();
  }

  /** Calls `entry` back at `instant` of the monotonic clock, instead of when it waited for before. */
  setMonotonic(entry: TimerEntry, instant: number): void {
    this.#monotonic.set(entry, instant);
    if (instant < this.#firesAt) this.#arm();
  }

  removeWall(entry: TimerEntry): void {
    this.#wall.remove(entry);
    this.#disarmWhenIdle();
  }

  removeMonotonic(entry: TimerEntry): void {
    this.#monotonic.remove(entry);
    this.#disarmWhenIdle();
  }

  #arm(): void {
    if (this.#firing) return;
    const now = this.#clock.monotonic();
    const delay = this.#delay(now);
    if (delay === undefined) return;
    const firesAt = now + delay;
    if (firesAt >= this.#firesAt) return;
    this.#cancelTimer?.();
    this.#firesAt = firesAt;
    this.#cancelTimer = this.#clock.setTimer(delay, () => this.#fire());
  }

  #delay(now: number): number | undefined {
    const wall = this.#wall.earliest;
    const monotonic = this.#monotonic.earliest;
    if (wall === undefined && monotonic === undefined) return undefined;
    const untilWall = wall === undefined ? LONGEST_WAIT_MS : wall.dueAt - this.#clock.now();
    const untilMonotonic = monotonic === undefined ? LONGEST_WAIT_MS : monotonic.dueAt - now;
    return Math.ceil(Math.max(0, Math.min(untilWall, untilMonotonic, LONGEST_WAIT_MS)));
  }

  #fire(): void {
    this.#cancelTimer = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
    this.#firing = true;
    this.#pressure?.nextTurn();
    this.onTurn?.();
    let now = this.#clock.monotonic();
    const turnEnds = now + TURN_BUDGET_MS;
    try {
      // Leases before jobs: a renewal that waits behind ten thousand due jobs would come too late.
      while (this.#callBack(this.#monotonic.earliest, this.#monotonic, now) || this.#callBackJob()) {
        now = this.#clock.monotonic();
        if (now >= turnEnds) break;
      }
    } finally {
      this.#firing = false;
      this.#arm();
    }
  }

  /** Calls back jobs that are due in the place of calls that were answered. */
  #goOn(): void {
    if (this.#firing) return;
    this.#firing = true;
    try {
      // Those that were told to wait for the next turn of the event loop do so.
      while (this.#wall.earliest?.dueAt !== NEXT_TURN && this.#callBackJob());
    } finally {
      this.#firing = false;
      this.#arm();
    }
  }

  #callBackJob(): boolean {
    const job = this.#wall.earliest;
    if (job === undefined) return false;
    // A job that has begun goes on; others wait while too many have.
    if (job.dueAt !== NEXT_TURN && this.#pressure?.isHigh === true) return false;
    return this.#callBack(job, this.#wall, this.#clock.now());
  }

  #callBack(entry: TimerEntry | undefined, heap: TimerHeap, now: number): boolean {
    if (entry === undefined || entry.dueAt > now) return false;
    heap.remove(entry);
    entry.onDue();
    return true;
  }

  #disarmWhenIdle(): void {
    if (this.#wall.earliest !== undefined || this.#monotonic.earliest !== undefined) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
  }
}
