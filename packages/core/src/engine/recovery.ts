import type { SkipReason } from '../events.js';
import type { ExecutionLease } from '../execution-guard.js';
import type { Job } from '../job.js';
import type { InFlightRun, JobState } from '../job-state.js';
import { commit, findEntry, isSameEntry, replaceEntry, takenOver } from '../policy/transitions.js';
import type { Change } from './change.js';
import type { EngineContext } from './engine-context.js';
import { EntryWatcher, type WatchListener } from './entry-watcher.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { releaseLease } from './lease-release.js';

/** An entry whose owner is gone, with the lease that was won on it. */
interface Orphan {
  readonly entry: InFlightRun;
  readonly keeper: LeaseKeeper | undefined;
}

/** What the recovery of entries needs of the job that it belongs to. */
export interface RecoveryListener {
  readonly isStopping: boolean;
  /** Whether this instance begins no runs, shared or local. */
  readonly isPaused: boolean;
  /** Runs of this instance that have begun. */
  readonly begunRuns: number;
  readonly loadedAt: number;
  ownId(): string;
  /** A run of another owner is this instance's from now on. */
  tookOver(entry: InFlightRun, claimedAt: number, keeper: LeaseKeeper | undefined): void;
  /** The same, but meanwhile its lease was given back. */
  tookOverInVain(entry: InFlightRun): void;
  /** The occurrence of an entry was completed. */
  alreadyCompleted(entry: InFlightRun): void;
  skipped(reason: SkipReason, entry: InFlightRun): void;
  guardHealth(error: unknown): void;
  failed(error: unknown): void;
  /** Has the record read again, and asks once more. */
  reload(): void;
  step(): void;
}

/**
 * Settles the entries in flight that this instance does not run: those found at start, and with a guard those
 * of other instances whose owners are gone.
 */
export class Recovery implements WatchListener {
  readonly #orphans: Orphan[] = [];
  /** Entries found at start, which are settled before new occurrences are planned. */
  readonly #foundAtStart = new Map<number, InFlightRun>();
  readonly #watcher: EntryWatcher | undefined;
  #releases = 0;

  constructor(
    private readonly context: EngineContext,
    private readonly job: Job<never>,
    private readonly listener: RecoveryListener,
  ) {
    const { leases } = context;
    this.#watcher = leases && new EntryWatcher(context, leases, job, this);
  }

  /**
   * Whether an entry comes before new occurrences: one found at start that is not settled yet, one that another
   * instance runs again, or one that was handed back. `forbid` would drop new occurrences meanwhile.
   */
  comesFirst({ inFlight: [head] }: JobState): boolean {
    if (this.#mayOverlap) return false;
    if (this.#foundAtStart.size > 0) return true;
    return head !== undefined && (head.attempt > 1 || head.handedBack === true) && this.isWatching(head);
  }

  /** Whether the lease of an entry was won that is not taken over yet. */
  get hasOrphans(): boolean {
    return this.#orphans.length > 0;
  }

  /** Whether a probe is under way, or a lease that it won is being given back. */
  get isBusy(): boolean {
    return this.#releases > 0 || this.#watcher?.isProbing === true;
  }

  /** Entries of others that count for overlap: only a guard can tell whether their owners live. */
  get foreign(): number {
    return this.#watcher?.size ?? 0;
  }

  /** Takes up the entries of a record that was just found. */
  begin(entries: readonly InFlightRun[]): void {
    this.#watcher?.update(entries, this.#headOf(entries), Number.NEGATIVE_INFINITY);
    for (const entry of entries) {
      this.#foundAtStart.set(entry.scheduledAt.getTime(), entry);
      if (this.#watcher === undefined) this.#orphans.push({ entry, keeper: undefined });
    }
  }

  isWatching(entry: InFlightRun): boolean {
    return this.#watcher?.has(entry) === true;
  }

  /** Watches just these entries of a record from now on. */
  watch(entries: readonly InFlightRun[], { inFlight }: JobState): void {
    this.#watcher?.update(entries, this.#headOf(inFlight), this.#watcher.nextProbeAt());
  }

  /** Watches an entry that this instance had claimed. */
  takeBack(entry: InFlightRun, state: JobState): void {
    const watched = state.inFlight.filter((other) => this.isWatching(other) || isSameEntry(other, entry));
    this.watch(watched, state);
  }

  sawLease(lease: ExecutionLease): void {
    this.#watcher?.sawLease(lease.ttlMs);
  }

  settled(entry: InFlightRun): void {
    this.#foundAtStart.delete(entry.scheduledAt.getTime());
  }

  /** Forgets what was found at start and is neither in the record nor run here. */
  forgetSettled(state: JobState, isRunHere: (entry: InFlightRun) => boolean): void {
    for (const [key, entry] of this.#foundAtStart) {
      if (findEntry(state, entry) === undefined && !isRunHere(entry)) this.#foundAtStart.delete(key);
    }
  }

  /** Settles the first entry whose owner is gone: it is taken over, or given up. */
  nextChange(state: JobState): Change | undefined {
    const orphan = this.#orphans[0];
    if (orphan === undefined) return undefined;
    if (orphan.keeper?.isLost === true) {
      this.#orphans.shift();
      this.listener.step();
      return undefined;
    }
    if (!this.#mayOverlap && this.listener.begunRuns > 0) return undefined;
    const { entry, keeper } = orphan;
    const found = findEntry(state, entry);
    if (found === undefined) {
      this.#orphans.shift();
      if (keeper !== undefined) void this.#release(keeper, 'abandoned');
      this.listener.step();
      return undefined;
    }
    const { interruptedRunPolicy, maxInterruptedReruns } = this.job;
    const givenUp = interruptedRunPolicy === 'skip' || entry.attempt > maxInterruptedReruns;
    return givenUp && found.handedBack !== true
      ? this.#giveUp(state, orphan)
      : this.#takeOver(state, found, orphan);
  }

  #giveUp(state: JobState, orphan: Orphan): Change {
    const { entry, keeper } = orphan;
    return {
      next: commit(state, entry, undefined),
      isIn: (now) => findEntry(now, entry) === undefined,
      done: () => {
        const isHeld = this.#drop(orphan);
        this.settled(entry);
        this.listener.skipped('interrupted', entry);
        if (isHeld && keeper !== undefined) void this.#release(keeper, 'completed');
      },
    };
  }

  #takeOver(state: JobState, entry: InFlightRun, orphan: Orphan): Change {
    const { keeper } = orphan;
    const claimedAt = this.context.clock.monotonic();
    const taken = takenOver(entry, this.listener.ownId());
    return {
      next: replaceEntry(state, entry, taken),
      claimed: taken,
      isIn: (now) => {
        const found = findEntry(now, taken);
        return found !== undefined && found.handedBack !== true;
      },
      done: () => {
        const isHeld = this.#drop(orphan);
        if (isHeld && !this.listener.isStopping) this.listener.tookOver(taken, claimedAt, keeper);
        else {
          if (isHeld && keeper !== undefined) void this.#release(keeper, 'abandoned');
          this.listener.tookOverInVain(taken);
        }
      },
    };
  }

  /** Whether its lease was held still. */
  #drop(orphan: Orphan): boolean {
    const index = this.#orphans.indexOf(orphan);
    if (index === -1) return false;
    this.#orphans.splice(index, 1);
    return true;
  }

  /** Asks for the lease of a watched entry when it is due, after making sure that it is still the same. */
  probe(state: JobState): void {
    const probeAt = this.probeAt(state);
    if (this.#watcher === undefined || probeAt > this.context.clock.monotonic()) return;
    if (this.listener.loadedAt < probeAt) this.listener.reload();
    else void this.#watcher.probe(this.#mayOverlap).then(() => this.listener.step());
  }

  /**
   * When the next probe is due, on the monotonic clock. Unless runs may overlap, `inFlight` is a queue of which
   * only the head may run: two instances that wait for each other's entries would otherwise take them over
   * at the same time.
   */
  probeAt(state: JobState): number {
    if (this.#watcher === undefined) return Number.POSITIVE_INFINITY;
    if (!this.#mayOverlap) {
      const head = state.inFlight[0];
      const headIsForeign = head !== undefined && this.#watcher.has(head);
      if (!headIsForeign || this.listener.begunRuns > 0 || this.hasOrphans) return Number.POSITIVE_INFINITY;
    }
    return this.#watcher.dueAt(this.#mayOverlap);
  }

  /** Gives back the leases that were won, so that others can run what this instance may not. */
  giveBack(): void {
    for (const orphan of this.#orphans.filter(({ keeper }) => keeper !== undefined)) {
      const { entry, keeper } = orphan;
      this.#drop(orphan);
      this.#watcher?.probeSoon(entry);
      if (keeper !== undefined) void this.#release(keeper, 'abandoned');
    }
  }

  /** Gives back the leases that were won, and asks for no more. */
  stop(): void {
    this.giveBack();
    this.#watcher?.update([], undefined, 0);
  }

  // ---- What a probe tells

  ownerGone(entry: InFlightRun, keeper: LeaseKeeper): void {
    this.#orphans.push({ entry, keeper });
    if (this.listener.isStopping || this.listener.isPaused) this.giveBack();
    this.listener.step();
  }

  ownerAlive(): void {
    // Whoever owns the first entry lives, and those behind it wait: nothing is to be recovered before new occurrences.
    this.#foundAtStart.clear();
    this.listener.step();
  }

  alreadyCompleted(entry: InFlightRun): void {
    this.listener.alreadyCompleted(entry);
    this.listener.step();
  }

  guardHealth(error: unknown): void {
    this.listener.guardHealth(error);
  }

  guardRefused(error: unknown): void {
    this.listener.failed(error);
  }

  /** The entry that may run next; any may where runs overlap. */
  #headOf([head]: readonly InFlightRun[]): InFlightRun | undefined {
    return this.#mayOverlap ? undefined : head;
  }

  get #mayOverlap(): boolean {
    return this.job.overlapPolicy === 'allow_parallel';
  }

  async #release(keeper: LeaseKeeper, outcome: 'completed' | 'abandoned'): Promise<void> {
    this.#releases += 1;
    await releaseLease(keeper, outcome);
    this.#releases -= 1;
    this.listener.step();
  }
}
