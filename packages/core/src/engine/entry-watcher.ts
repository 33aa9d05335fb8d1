import type { Job } from '../job.js';
import type { InFlightRun } from '../job-state.js';
import { isSameEntry } from '../policy/transitions.js';
import { acquireLease, isFinal } from './acquire-lease.js';
import { backoffMs } from './backoff.js';
import type { EngineContext } from './engine-context.js';
import type { LeaseKeeper, LeaseKeeperContext } from './lease-keeper.js';
import { returnLease } from './lease-release.js';
import { randomToken } from './random.js';
import { slotOf } from './run.js';

/** For how long a lease is assumed to last before one was seen. */
const ASSUMED_TTL_MS = 30_000;
/** A lease that an entry waits for is asked for as in this retry: every 400 to 800 ms. */
const SHARED_LEASE_ATTEMPT = 3;
/** How soon a probe that failed is repeated. */
const PROBE_RETRY_MS = 1_000;

/** An entry in flight that this instance does not run. */
interface Watch {
  entry: InFlightRun;
  /** Whether it is the oldest entry of the record. */
  isHead: boolean;
  /** Probed when it is still the same at this instant of the monotonic clock. */
  probeAt: number;
  /** What a lease was asked for with, until there is an answer: the one that was lost may have given it. */
  token: string | undefined;
}

/** What a probe found out about a watched entry. */
export interface WatchListener {
  /** Its lease was won: the owner is gone. */
  ownerGone(entry: InFlightRun, keeper: LeaseKeeper): void;
  /** Its occurrence was completed. */
  alreadyCompleted(entry: InFlightRun): void;
  /** Another owner holds its lease. */
  ownerAlive(): void;
  /** The guard failed (`error`) or answers (`undefined`). */
  guardHealth(error: unknown): void;
  /** The guard refused for good. */
  guardRefused(error: unknown): void;
}

/**
 * Watches the entries in flight that other instances own, or that this one found contended, and probes
 * with `acquire` whether their owners are gone: at start, and whenever one has been seen unchanged for a
 * lease's time to live on this instance's own monotonic clock.
 */
export class EntryWatcher {
  readonly #watches = new Map<number, Watch>();
  #ttlMs: number;
  /** The owner that was found gone last: its other entries have nobody to wait for. */
  #goneOwner: string | undefined;
  #probing: InFlightRun | undefined;

  constructor(
    private readonly context: EngineContext,
    private readonly leases: LeaseKeeperContext,
    private readonly job: Job<never>,
    private readonly listener: WatchListener,
  ) {
    this.#ttlMs = leases.guard.ttlMs ?? ASSUMED_TTL_MS;
  }

  get size(): number {
    return this.#watches.size;
  }

  /** Whether exactly this entry is watched. */
  has(entry: InFlightRun): boolean {
    const watch = this.#watches.get(entry.scheduledAt.getTime());
    return watch !== undefined && isSameEntry(watch.entry, entry);
  }

  /**
   * Watches just these entries from now on; what was seen before keeps its time. An entry that was handed
   * back has no owner to wait for. The owner of an entry that has just come to the head of the record's queue had no
   * reason to change it before: a queued run holds no lease.
   */
  update(entries: readonly InFlightRun[], head: InFlightRun | undefined, probeAt: number): void {
    const known = new Map(this.#watches);
    this.#watches.clear();
    for (const entry of entries) {
      const key = entry.scheduledAt.getTime();
      const isHead = head !== undefined && isSameEntry(head, entry);
      const before = known.get(key);
      if (before === undefined || !isSameEntry(before.entry, entry)) {
        const dueAt = entry.handedBack === true ? Number.NEGATIVE_INFINITY : probeAt;
        this.#watches.set(key, { entry, isHead, probeAt: dueAt, token: undefined });
        continue;
      }
      const cameToHead = isHead && !before.isHead && entry.owner !== this.#goneOwner;
      if (cameToHead) before.probeAt = Math.max(before.probeAt, this.nextProbeAt());
      if (entry.handedBack === true && before.entry.handedBack !== true)
        before.probeAt = Number.NEGATIVE_INFINITY;
      before.entry = entry;
      before.isHead = isHead;
      this.#watches.set(key, before);
    }
  }

  /** Whether a probe is under way. */
  get isProbing(): boolean {
    return this.#probing !== undefined;
  }

  /** Has an entry probed as soon as probes are made again. */
  probeSoon(entry: InFlightRun): void {
    const watch = this.#watches.get(entry.scheduledAt.getTime());
    if (watch !== undefined) watch.probeAt = Number.NEGATIVE_INFINITY;
  }

  /** When an entry first seen now is to be probed. */
  nextProbeAt(): number {
    return this.context.clock.monotonic() + this.#ttlMs;
  }

  /** Remembers how long leases last. */
  sawLease(ttlMs: number): void {
    this.#ttlMs = ttlMs;
  }

  /**
   * When the next probe is due, on the monotonic clock. Unless runs may overlap only the oldest entry is
   * probed: while its owner lives, those behind it wait for it.
   */
  dueAt(parallel: boolean): number {
    if (this.#probing !== undefined) return Number.POSITIVE_INFINITY;
    return this.#next(parallel)?.probeAt ?? Number.POSITIVE_INFINITY;
  }

  /** Probes the entry that is due. */
  async probe(parallel: boolean): Promise<void> {
    const watch = this.#next(parallel);
    if (watch === undefined || this.#probing !== undefined) return;
    const { entry } = watch;
    this.#probing = entry;
    try {
      await this.#ask(watch);
    } finally {
      this.#probing = undefined;
    }
  }

  async #ask(watch: Watch): Promise<void> {
    const { context, leases, listener } = this;
    const { entry } = watch;
    const slot = slotOf(this.job, entry);
    watch.token ??= randomToken(context.random);
    try {
      const answer = await acquireLease(leases, slot, watch.token);
      watch.token = undefined;
      listener.guardHealth(answer.status === 'late' ? answer.error : undefined);
      watch.probeAt = this.nextProbeAt();
      if (answer.status === 'contended') {
        if (watch.entry.handedBack === true)
          watch.probeAt = context.clock.monotonic() + backoffMs(SHARED_LEASE_ATTEMPT, context.random);
        listener.ownerAlive();
        return;
      }
      if (answer.status === 'completed') {
        listener.alreadyCompleted(entry);
        return;
      }
      const { keeper } = answer;
      this.#ttlMs = keeper.lease.ttlMs;
      if (answer.status === 'late' || !this.has(entry)) {
        await returnLease(keeper);
        return;
      }
      leases.report.acquired(keeper.lease);
      this.#goneOwner = entry.owner;
      listener.ownerGone(entry, keeper);
    } catch (error) {
      if (isFinal(error)) return listener.guardRefused(error);
      watch.probeAt = context.clock.monotonic() + PROBE_RETRY_MS;
      listener.guardHealth(error);
    }
  }

  #next(parallel: boolean): Watch | undefined {
    let next: Watch | undefined;
    for (const watch of this.#watches.values()) {
      if (next === undefined || watch.probeAt < next.probeAt) next = watch;
      if (!parallel) break;
    }
    return next;
  }
}
