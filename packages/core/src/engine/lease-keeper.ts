import { ContractError, LeaseLostError } from '../errors.js';
import type { ExecutionGuard, ExecutionLease } from '../execution-guard.js';
import { backoffMs } from './backoff.js';
import { CALL_TIMEOUT_MS, type TimeSource, withDeadline } from './engine-context.js';
import type { LeaseReporter } from './lease-reporter.js';
import type { Random } from './random.js';
import type { TimerEntry } from './timer-queue.js';

/** Share of the time to live that is left unused, for clocks that tick at slightly different rates. */
const MARGIN_SHARE = 0.1;

/** What a {@link LeaseKeeper} works with. */
export interface LeaseKeeperContext extends TimeSource {
  readonly guard: ExecutionGuard;
  readonly random: Random;
  readonly report: LeaseReporter;
}

/**
 * Renews a lease and knows how long it can be trusted: until the last successful request was *sent*,
 * plus the time to live, less a margin. A failed renewal is repeated until then. It has one timer, for whichever
 * comes first, the next renewal or the end of trust.
 */
export class LeaseKeeper implements TimerEntry {
  dueAt = 0;
  heapIndex = -1;
  #trustedUntil: number;
  #failures = 0;
  #state: 'kept' | 'lost' | 'released' = 'kept';
  #refused = false;
  #onLost: ((error: LeaseLostError) => void) | undefined;

  constructor(
    readonly context: LeaseKeeperContext,
    readonly lease: ExecutionLease,
    sentAt: number,
  ) {
    this.#trustedUntil = trustEnd(lease, sentAt);
    this.#renewAt(sentAt + lease.renewEveryMs);
  }

  /** The end of trust, on the monotonic clock. */
  get trustedUntil(): number {
    return this.#trustedUntil;
  }

  /** After a stall an answer may be handled before the timer that ends trust is. */
  get isLost(): boolean {
    if (this.#state === 'kept' && this.context.clock.monotonic() >= this.#trustedUntil) this.#expire();
    return this.#state === 'lost';
  }

  /** Whether the guard said that the lease is no longer ours, so that there is nothing to give back. */
  get isRefused(): boolean {
    return this.#refused;
  }

  /** Calls `onLost` when trust in the lease ends, at once if it has ended. */
  whenLost(onLost: (error: LeaseLostError) => void): void {
    this.#onLost = onLost;
    if (this.isLost) onLost(lostError('it ran out before the run began'));
  }

  /** Ends renewal; the lease runs out by itself unless it is released. */
  stop(): void {
    if (this.#state === 'kept') this.#state = 'released';
    this.context.timers.removeMonotonic(this);
  }

  onDue(): void {
    if (!this.isLost) void this.#renew();
  }

  #renewAt(instant: number): void {
    this.context.timers.setMonotonic(this, Math.min(instant, this.#trustedUntil));
  }

  async #renew(): Promise<void> {
    const { context, lease } = this;
    const sentAt = context.clock.monotonic();
    this.#renewAt(this.#trustedUntil);
    const timeoutMs = Math.min(CALL_TIMEOUT_MS, Math.max(1, this.#trustedUntil - sentAt), lease.renewEveryMs);
    try {
      const answer = await withDeadline(context, 'guard.renew', () => context.guard.renew(lease), timeoutMs);
      if (this.#state !== 'kept') return;
      if (answer === 'lost') {
        this.#refused = true;
        this.#lose('its lease is no longer ours');
        return;
      }
      if (answer !== 'renewed') throw new ContractError('guard.renew', answer, "'renewed' or 'lost'");
      this.#failures = 0;
      this.#trustedUntil = trustEnd(lease, sentAt);
      this.#renewAt(sentAt + lease.renewEveryMs);
      context.report.renewed(lease);
    } catch (error) {
      if (this.#state !== 'kept') return;
      const pause = Math.min(backoffMs(this.#failures, context.random), lease.renewEveryMs / 2);
      this.#failures += 1;
      this.#renewAt(context.clock.monotonic() + pause);
      context.report.renewFailed(lease, error);
    }
  }

  #expire(): void {
    this.#lose('its lease was not renewed in time');
  }

  #lose(why: string): void {
    this.#state = 'lost';
    this.context.timers.removeMonotonic(this);
    this.context.report.lost(this.lease);
    this.#onLost?.(lostError(why));
  }
}

function lostError(why: string): LeaseLostError {
  return new LeaseLostError(`The run can no longer be trusted to be alone: ${why}`);
}

/** Until when a lease can be trusted that was asked for at `sentAt` of the monotonic clock. */
export function trustEnd(lease: ExecutionLease, sentAt: number): number {
  return sentAt + lease.ttlMs * (1 - MARGIN_SHARE);
}

/** A lease for a task to look at: by its slot the guard finds the lease again. */
export function copyOfLease(lease: ExecutionLease): ExecutionLease {
  const { slot } = lease;
  return { ...lease, slot: { ...slot, scheduledAt: new Date(slot.scheduledAt) } };
}
