import type { Clock } from '../clock.js';
import { TimeoutError } from '../errors.js';
import type { StateStore } from '../state-store.js';
import type { JobReporter } from './job-reporter.js';
import type { LeaseKeeperContext } from './lease-keeper.js';
import type { Random } from './random.js';
import type { CallPressure } from './call-pressure.js';
import type { TimerEntry, TimerQueue } from './timer-queue.js';
import type { TurnBudget } from './turn-budget.js';

/** What all jobs of one scheduler share. */
export interface EngineContext {
  readonly clock: Clock;
  readonly timers: TimerQueue;
  readonly turn: TurnBudget;
  readonly pressure: CallPressure;
  readonly random: Random;
  readonly store: StateStore;
  /** What the store said last of itself as a whole. */
  readonly storeHealth: { degraded: boolean };
  /** What leases need; `undefined` without a guard. */
  readonly leases: LeaseKeeperContext | undefined;
  readonly timezone: string;
  readonly historyLimit: number;
  readonly lateToleranceMs: number;
  readonly terminalStatePolicy: 'retain' | 'delete';
  readonly onStoreUnavailable: 'wait' | 'fail';
  readonly jobReporter: JobReporter;
  /** Told by a job that it has come to its end. */
  readonly jobEnded: (job: { readonly jobId: string }) => void;
  /** An id that names one start of one job; no two starts share it. */
  readonly newOwner: () => string;
}

/** How long a store or a guard may take to answer before the call counts as failed. */
export const CALL_TIMEOUT_MS = 10_000;

/** A wait on the monotonic clock that can be given up. */
export class Delay implements TimerEntry {
  dueAt = 0;
  heapIndex = -1;

  constructor(
    private readonly timers: TimerQueue,
    private readonly callback: () => void,
  ) {}

  startAt(instant: number): void {
    this.timers.setMonotonic(this, instant);
  }

  stop(): void {
    this.timers.removeMonotonic(this);
  }

  onDue(): void {
    this.callback();
  }
}

/** What waits and deadlines need. */
export type TimeSource = Pick<EngineContext, 'clock' | 'timers'>;

/**
 * Calls `call` and gives up on its answer after `timeoutMs`: the promise then rejects with a
 * TimeoutError, and the call may still be carried out.
 */
export function withDeadline<T>(
  { clock, timers }: TimeSource,
  what: string,
  call: () => Promise<T>,
  timeoutMs = CALL_TIMEOUT_MS,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = new Delay(timers, () => reject(new TimeoutError(what, timeoutMs)));
    deadline.startAt(clock.monotonic() + timeoutMs);
    const failed = (error: unknown): void => {
      deadline.stop();
      reject(error);
    };
    try {
      // What is called may not be a promise.
      Promise.resolve(call()).then((answer) => {
        deadline.stop();
        resolve(answer);
      }, failed);
    } catch (error) {
      failed(error);
    }
  });
}

/** Resolves after `delayMs` on the monotonic clock. */
export function sleep({ clock, timers }: TimeSource, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    new Delay(timers, resolve).startAt(clock.monotonic() + delayMs);
  });
}
