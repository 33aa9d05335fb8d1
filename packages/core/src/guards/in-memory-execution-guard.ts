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

/** How often what has expired is forgotten. */
const SWEEP_EVERY_MS = 1_000;

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
  #sweepAt = Number.NEGATIVE_INFINITY;

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
    const now = this.#sweep();
    if (live(this.#markers.get(occurrenceKey(slot)), now) !== undefined) return { status: 'completed' };
    const key = leaseKey(slot);
    const holder = live(this.#holders.get(key), now);
    if (holder !== undefined) {
      if (holder.lease.token !== token) return { status: 'contended' };
      this.#extend(key, holder, now);
      return { status: 'acquired', lease: holder.lease };
    }
    if (this.#isExcluded(slot, now)) return { status: 'contended' };
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
    const now = this.#sweep();
    const holder = live(this.#holders.get(key), now);
    if (holder?.lease.token !== token) return 'lost';
    this.#extend(key, holder, now);
    return 'renewed';
  }

  async release(
    { slot, key, token }: ExecutionLease,
    outcome: 'completed' | 'abandoned',
  ): Promise<'released' | 'lost'> {
    const now = this.#sweep();
    const occurrence = occurrenceKey(slot);
    if (live(this.#holders.get(key), now)?.lease.token !== token) {
      // A release whose answer was lost is repeated.
      const marker = live(this.#markers.get(occurrence), now);
      return outcome === 'completed' && marker?.token === token ? 'released' : 'lost';
    }
    this.#drop(key);
    if (outcome === 'completed') {
      this.#markers.delete(occurrence);
      this.#markers.set(occurrence, { token, expiresAt: now + this.#completedTtlMs });
    }
    return 'released';
  }

  /** A lease of the whole resource excludes all others of it, and any other excludes it. */
  #isExcluded({ resourceId, scope }: ExecutionSlot, now: number): boolean {
    const keys = scope === 'resource' ? this.#keysOfResource.get(resourceId) : [resourceKey(resourceId)];
    for (const key of keys ?? []) if (live(this.#holders.get(key), now) !== undefined) return true;
    return false;
  }

  #hold(key: string, holder: Holder): void {
    this.#drop(key);
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

  /** Forgets what has expired, now and then: a map from which much was deleted is slow to walk from its start. */
  #sweep(): number {
    const now = this.#clock.monotonic();
    if (now < this.#sweepAt) return now;
    this.#sweepAt = now + SWEEP_EVERY_MS;
    for (const [key, holder] of this.#holders) {
      if (live(holder, now) !== undefined) break;
      this.#drop(key);
    }
    for (const [key, marker] of this.#markers) {
      if (live(marker, now) !== undefined) break;
      this.#markers.delete(key);
    }
    return now;
  }
}

function live<T extends { readonly expiresAt: number }>(entry: T | undefined, now: number): T | undefined {
  return entry !== undefined && entry.expiresAt > now ? entry : undefined;
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
