import { type Clock, systemClock } from '../clock.js';
import { InvalidOptionError } from '../errors.js';
import type { AcquireResult, ExecutionGuard, ExecutionLease, ExecutionSlot } from '../execution-guard.js';
import { checkInteger, checkMethods, checkOptionNames } from '../options.js';

/** Options of {@link InMemoryExecutionGuard}. */
export interface InMemoryExecutionGuardOptions {
  /** How long a lease lasts after it was acquired or renewed, in milliseconds. Default 30,000. */
  readonly ttlMs?: number | undefined;
  /** How often the engine renews a lease, in milliseconds; below `ttlMs`. Default a third of `ttlMs`. */
  readonly renewEveryMs?: number | undefined;
  /** How long a completed occurrence is remembered, in milliseconds. Default 3,600,000 (one hour). */
  readonly completedTtlMs?: number | undefined;
  /** Where time comes from. Default the clock of the system. */
  readonly clock?: Clock | undefined;
}

interface Holder {
  readonly lease: ExecutionLease;
  readonly resourceId: string;
  expiresAt: number;
}

interface DoneMarker {
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * Hands out leases among the schedulers of one process, for tests and as a model of what a guard does.
 *
 * @throws InvalidOptionError for an option that is not allowed.
 * @example
 * ```ts
 * const guard = new InMemoryExecutionGuard({ ttlMs: 10_000 });
 * const instances = [new Scheduler({ store, guard }), new Scheduler({ store, guard })];
 * ```
 */
export class InMemoryExecutionGuard implements ExecutionGuard {
  readonly ttlMs: number;
  readonly #renewEveryMs: number;
  readonly #completedTtlMs: number;
  readonly #clock: Clock;
  // All leases last equally long, and so do all markers: both maps stay sorted by expiry.
  readonly #holders = new Map<string, Holder>();
  readonly #markers = new Map<string, DoneMarker>();
  readonly #keysOfResource = new Map<string, Set<string>>();
  #fencingToken = 0;

  constructor(options: InMemoryExecutionGuardOptions = {}) {
    const path = 'inMemoryExecutionGuard';
    checkOptionNames(path, options, ['ttlMs', 'renewEveryMs', 'completedTtlMs', 'clock']);
    const { ttlMs = 30_000, clock = systemClock } = options;
    this.ttlMs = checkInteger(`${path}.ttlMs`, ttlMs, 2);
    const { renewEveryMs = Math.max(1, Math.floor(ttlMs / 3)), completedTtlMs = 3_600_000 } = options;
    this.#renewEveryMs = checkInteger(`${path}.renewEveryMs`, renewEveryMs, 1);
    if (renewEveryMs >= ttlMs) {
      throw new InvalidOptionError(
        `${path}.renewEveryMs`,
        renewEveryMs,
        `a whole number below ttlMs (${ttlMs})`,
      );
    }
    this.#completedTtlMs = checkInteger(`${path}.completedTtlMs`, completedTtlMs, 0);
    checkMethods(`${path}.clock`, clock, ['now', 'monotonic', 'setTimer']);
    this.#clock = clock;
  }

  async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
    const now = this.#forgetExpired();
    if (this.#markers.has(occurrenceKey(slot))) return { status: 'completed' };
    const key = leaseKey(slot);
    const holder = this.#holders.get(key);
    if (holder !== undefined) {
      if (holder.lease.token !== token) return { status: 'contended' };
      this.#extend(key, holder, now);
      return { status: 'acquired', lease: holder.lease };
    }
    if (this.#isExcluded(slot)) return { status: 'contended' };
    this.#fencingToken += 1;
    const lease: ExecutionLease = Object.freeze({
      slot,
      key,
      token,
      fencingToken: this.#fencingToken,
      ttlMs: this.ttlMs,
      renewEveryMs: this.#renewEveryMs,
    });
    this.#hold(key, { lease, resourceId: slot.resourceId, expiresAt: now + this.ttlMs });
    return { status: 'acquired', lease };
  }

  async renew({ key, token }: ExecutionLease): Promise<'renewed' | 'lost'> {
    const now = this.#forgetExpired();
    const holder = this.#holders.get(key);
    if (holder?.lease.token !== token) return 'lost';
    this.#extend(key, holder, now);
    return 'renewed';
  }

  async release(
    { slot, key, token }: ExecutionLease,
    outcome: 'completed' | 'abandoned',
  ): Promise<'released' | 'lost'> {
    const now = this.#forgetExpired();
    const occurrence = occurrenceKey(slot);
    if (this.#holders.get(key)?.lease.token !== token) {
      // A release whose answer was lost is repeated.
      return outcome === 'completed' && this.#markers.get(occurrence)?.token === token ? 'released' : 'lost';
    }
    this.#drop(key);
    if (outcome === 'completed')
      this.#markers.set(occurrence, { token, expiresAt: now + this.#completedTtlMs });
    return 'released';
  }

  /** A lease of the whole resource excludes all others of it, and any other excludes it. */
  #isExcluded({ resourceId, scope }: ExecutionSlot): boolean {
    const keys = this.#keysOfResource.get(resourceId);
    if (keys === undefined) return false;
    return scope === 'resource' || keys.has(resourceKey(resourceId));
  }

  #hold(key: string, holder: Holder): void {
    this.#holders.set(key, holder);
    const keys = this.#keysOfResource.get(holder.resourceId);
    if (keys === undefined) this.#keysOfResource.set(holder.resourceId, new Set([key]));
    else keys.add(key);
  }

  #extend(key: string, holder: Holder, now: number): void {
    holder.expiresAt = now + this.ttlMs;
    this.#holders.delete(key);
    this.#holders.set(key, holder);
  }

  #drop(key: string): void {
    const holder = this.#holders.get(key);
    if (holder === undefined) return;
    this.#holders.delete(key);
    const keys = this.#keysOfResource.get(holder.resourceId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOfResource.delete(holder.resourceId);
  }

  #forgetExpired(): number {
    const now = this.#clock.monotonic();
    for (const [key, { expiresAt }] of this.#holders) {
      if (expiresAt > now) break;
      this.#drop(key);
    }
    for (const [key, { expiresAt }] of this.#markers) {
      if (expiresAt > now) break;
      this.#markers.delete(key);
    }
    return now;
  }
}

function leaseKey(slot: ExecutionSlot): string {
  return slot.scope === 'resource' ? resourceKey(slot.resourceId) : occurrenceKey(slot);
}

function resourceKey(resourceId: string): string {
  return JSON.stringify(['resource', resourceId]);
}

function occurrenceKey({ jobId, scheduledAt }: ExecutionSlot): string {
  return JSON.stringify(['occurrence', jobId, scheduledAt.getTime()]);
}
