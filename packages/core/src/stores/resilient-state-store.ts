import { type Clock, systemClock } from '../clock.js';
import { withDeadline } from '../engine/engine-context.js';
import { randomToken, secureRandom } from '../engine/random.js';
import { TimerQueue } from '../engine/timer-queue.js';
import { describeValue, InvalidOptionError, isForGood, StoreError } from '../errors.js';
import type { JobState } from '../job-state.js';
import { checkInteger, checkMethods, checkOptionNames } from '../options.js';
import type { Revision, SaveResult, StateStore, StoredJobState, StoreEvent } from '../state-store.js';
import { isFurtherAhead, isSameState, Mirror, type MirrorEntry } from './mirror.js';

/** How often one state is written back before recovery is put off to the next probe. */
const MAX_WRITES = 5;

/** Options of {@link ResilientStateStore}. */
export interface ResilientStateStoreOptions {
  /** Return to the primary, which is probed every so many milliseconds. Default never. */
  readonly recovery?: { readonly probeEveryMs: number } | undefined;
  /** Whether jobs may begin without their stored state while the primary is away. Default false. */
  readonly startDegraded?: boolean | undefined;
  /** How long a call to the primary may take, in milliseconds. Default 5,000. */
  readonly commandTimeoutMs?: number | undefined;
  /** Where time comes from. Default the clock of the system. */
  readonly clock?: Clock | undefined;
}

/**
 * Wraps a store and goes on from a mirror in this process when the store does not answer. For good, unless
 * `recovery` is given: then what changed is written back by compare-and-set once the primary answers, and
 * where another instance has moved on, whichever state is further ahead stands and `conflict` is reported.
 * Data errors and refusals are passed on.
 *
 * @throws InvalidOptionError for an option that is not allowed.
 * @example
 * ```ts
 * const store = new ResilientStateStore(primary, { recovery: { probeEveryMs: 5_000 } });
 * const scheduler = new Scheduler({ store });
 * ```
 */
export class ResilientStateStore implements StateStore {
  readonly shared: boolean;
  readonly #primary: StateStore;
  readonly #probeEveryMs: number | undefined;
  readonly #startDegraded: boolean;
  readonly #commandTimeoutMs: number;
  readonly #clock: Clock;
  readonly #timers: TimerQueue;
  readonly #mirror = new Mirror(randomToken(secureRandom));
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  readonly #unsubscribe: (() => void) | undefined;
  #degraded = false;
  #hasAnswered = false;
  #closed = false;
  #cancelProbe: (() => void) | undefined;

  /** @param primary - The store that is used while it answers. */
  constructor(primary: StateStore, options: ResilientStateStoreOptions = {}) {
    const path = 'resilientStateStore';
    checkMethods(`${path}.primary`, primary, ['load', 'save', 'delete']);
    checkOptionNames(path, options, ['recovery', 'startDegraded', 'commandTimeoutMs', 'clock']);
    const { recovery, startDegraded = false, commandTimeoutMs = 5_000, clock = systemClock } = options;
    if (recovery !== undefined) {
      checkOptionNames(`${path}.recovery`, recovery, ['probeEveryMs']);
      checkInteger(`${path}.recovery.probeEveryMs`, recovery.probeEveryMs, 1);
    }
    if (typeof startDegraded !== 'boolean') {
      throw new InvalidOptionError(`${path}.startDegraded`, startDegraded, 'true or false');
    }
    checkMethods(`${path}.clock`, clock, ['now', 'monotonic', 'setTimer']);
    this.#primary = primary;
    this.shared = primary.shared;
    this.#probeEveryMs = recovery?.probeEveryMs;
    this.#startDegraded = startDegraded;
    this.#commandTimeoutMs = checkInteger(`${path}.commandTimeoutMs`, commandTimeoutMs, 1);
    this.#clock = clock;
    this.#timers = new TimerQueue(clock);
    this.#unsubscribe = primary.subscribe?.((event) => this.#emit(event));
  }

  /** Whether the mirror answers instead of the primary. */
  get degraded(): boolean {
    return this.#degraded;
  }

  async load(jobId: string): Promise<StoredJobState | undefined> {
    const mirrored = this.#mirror.get(jobId) !== undefined;
    if (this.#degraded && mirrored) return this.#mirror.read(jobId);
    try {
      const stored = await this.#ask('load', () => this.#primary.load(jobId));
      // The answer may come after the store has degraded and this job has gone on from the mirror.
      if (this.#mirror.get(jobId)?.dirty) return this.#mirror.read(jobId);
      if (stored === undefined) this.#mirror.forget(jobId);
      else this.#mirror.remember(jobId, stored);
      return stored;
    } catch (error) {
      if (isForGood(error) || !(mirrored || this.#startDegraded)) throw error;
      this.#degrade(error);
      return this.#mirror.read(jobId);
    }
  }

  async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
    if (this.#degraded) return this.#mirror.write(state, expected, undefined);
    const { known, base } = this.#mirror.translate(state.jobId, expected);
    if (!known) return { status: 'conflict' };
    try {
      const answer = await this.#ask('save', () => this.#primary.save(state, base));
      if (answer.status === 'saved') this.#mirror.remember(state.jobId, { state, revision: answer.revision });
      return answer;
    } catch (error) {
      if (isForGood(error) || !(this.#hasAnswered || this.#startDegraded)) throw error;
      this.#degrade(error);
      return this.#mirror.write(state, expected, state);
    }
  }

  async delete(jobId: string): Promise<void> {
    if (!this.#degraded) {
      try {
        await this.#ask('delete', () => this.#primary.delete(jobId));
        this.#mirror.forget(jobId);
        return;
      } catch (error) {
        if (isForGood(error) || this.#mirror.get(jobId) === undefined) throw error;
        this.#degrade(error);
      }
    }
    this.#mirror.remove(jobId);
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    if (this.#degraded) tell(listener, { type: 'degraded' });
    return () => this.#listeners.delete(listener);
  }

  /** Ends probing, so that nothing keeps the process alive. What was not written back stays unwritten. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelProbe?.();
    this.#unsubscribe?.();
  }

  /** As {@link ResilientStateStore.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ask<T>(command: string, call: () => Promise<T>): Promise<T> {
    const source = { clock: this.#clock, timers: this.#timers };
    const answer = await withDeadline(source, `store.${command}`, call, this.#commandTimeoutMs);
    this.#hasAnswered = true;
    return answer;
  }

  #degrade(error: unknown): void {
    if (this.#degraded) return;
    this.#degraded = true;
    this.#emit({ type: 'degraded', error });
    this.#scheduleProbe();
  }

  #scheduleProbe(): void {
    if (this.#probeEveryMs === undefined || this.#closed) return;
    this.#cancelProbe = this.#clock.setTimer(this.#probeEveryMs, () => void this.#recover());
  }

  async #recover(): Promise<void> {
    this.#emit({ type: 'recovering' });
    try {
      await this.#probe();
      for (let dirty = this.#mirror.dirtyJobIds; dirty.length > 0; dirty = this.#mirror.dirtyJobIds) {
        for (const jobId of dirty) await this.#writeBack(jobId);
      }
    } catch (error) {
      this.#emit({ type: 'recovery_failed', error });
      this.#scheduleProbe();
      return;
    }
    this.#degraded = false;
    this.#emit({ type: 'recovered' });
  }

  /** Asks the primary for anything, since there may be nothing to write back. */
  async #probe(): Promise<void> {
    const [jobId = 'probe'] = this.#mirror.jobIds;
    try {
      await this.#ask('load', () => this.#primary.load(jobId));
    } catch (error) {
      if (!isForGood(error)) throw error;
    }
  }

  async #writeBack(jobId: string): Promise<void> {
    try {
      for (let writes = 0; writes < MAX_WRITES; writes += 1) {
        const entry = this.#mirror.get(jobId);
        if (entry === undefined || !entry.dirty) return;
        if (entry.state === undefined) await this.#deleteBack(jobId, entry);
        else await this.#saveBack(jobId, entry, entry.state);
      }
    } catch (error) {
      if (!isForGood(error)) throw error;
      // A record that cannot be read stays as it is; its job meets the error with its next call.
      this.#emit({ type: 'conflict', jobId, error });
      this.#mirror.forget(jobId);
      return;
    }
    if (this.#mirror.get(jobId)?.dirty) {
      throw new StoreError(
        'ERR_STORE_UNAVAILABLE',
        `The state of ${describeValue(jobId)} changes faster than it can be written back`,
      );
    }
  }

  async #saveBack(jobId: string, entry: MirrorEntry, state: JobState): Promise<void> {
    let answer: SaveResult;
    try {
      answer = await this.#ask('save', () => this.#primary.save(state, entry.base));
    } catch (error) {
      if (!isForGood(error)) this.#mirror.noteUnconfirmed(jobId, state);
      throw error;
    }
    if (answer.status === 'saved') {
      this.#mirror.confirm(jobId, entry, answer.revision);
      return;
    }
    const stored = await this.#ask('load', () => this.#primary.load(jobId));
    if (stored === undefined) {
      this.#mirror.rebase(jobId, undefined);
    } else if (entry.unconfirmed !== undefined && isSameState(entry.unconfirmed, stored.state)) {
      this.#mirror.rebase(jobId, stored.revision);
    } else {
      this.#emit({ type: 'conflict', jobId });
      if (isFurtherAhead(state, stored.state)) this.#mirror.rebase(jobId, stored.revision);
      else this.#mirror.remember(jobId, stored);
    }
  }

  async #deleteBack(jobId: string, entry: MirrorEntry): Promise<void> {
    const stored = await this.#ask('load', () => this.#primary.load(jobId));
    const isOurs =
      stored?.revision === entry.base ||
      (stored !== undefined &&
        entry.unconfirmed !== undefined &&
        isSameState(entry.unconfirmed, stored.state));
    if (stored !== undefined && isOurs) await this.#ask('delete', () => this.#primary.delete(jobId));
    else if (stored !== undefined) this.#emit({ type: 'conflict', jobId });
    if (this.#mirror.get(jobId) === entry) this.#mirror.forget(jobId);
    else this.#mirror.rebase(jobId, undefined);
  }

  #emit(event: StoreEvent): void {
    for (const listener of this.#listeners) tell(listener, event);
  }
}

function tell(listener: (event: StoreEvent) => void, event: StoreEvent): void {
  try {
    listener(event);
  } catch {
    // A listener that throws must not stop recovery.
  }
}
