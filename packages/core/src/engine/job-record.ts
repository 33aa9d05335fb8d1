import { ContractError, TimeoutError } from '../errors.js';
import type { JobState } from '../job-state.js';
import type { Revision, SaveResult, StoredJobState } from '../state-store.js';
import { backoffMs } from './backoff.js';
import type { Change } from './change.js';
import { CALL_TIMEOUT_MS, Delay, type EngineContext } from './engine-context.js';
import { kindOf } from './job-reporter.js';

/** How many conflicts in a row are retried at once; after them with a pause. */
const CONFLICTS_AT_ONCE = 10;

/** What a record tells the job that it belongs to. */
export interface RecordListener {
  readonly jobId: string;
  readonly isOver: boolean;
  /** Whether answers of the store are of use still. */
  readonly mayWrite: boolean;
  loaded(stored: StoredJobState | undefined): void;
  saved(change: Change): void;
  /** A claim was saved though the job was cancelled meanwhile. */
  claimedTooLate(change: Change): void;
  removed(): void;
  /** The store will not answer, or what it answers cannot be used. */
  failed(error: unknown): void;
  /** A call has ended, whichever way. */
  step(): void;
}

/** What is remembered of calls that went another way than usual. Instants are of the monotonic clock. */
class Trouble {
  failures = 0;
  /** Which call failed: that a load answers says nothing of a save. */
  failedCall: string | undefined;
  /** How many saves met a conflict since the last one that did not. */
  conflicts = 0;
  retryAt = Number.NEGATIVE_INFINITY;
  loadedAt = Number.NEGATIVE_INFINITY;
  /** A change whose outcome is not known: its answer was lost, or it met a conflict. */
  unconfirmed: Change | undefined;
}

/**
 * The record of one job as this instance last saw it, and the calls of the store, one at a time: each with a
 * deadline, repeated with pauses when it fails.
 */
export class JobRecord {
  state: JobState | undefined;
  /** Whether it has to be read before it can be written. */
  isStale = true;
  #busy = false;
  #revision: Revision | undefined;
  #trouble: Trouble | undefined;

  constructor(
    private readonly context: EngineContext,
    private readonly listener: RecordListener,
  ) {}

  /** Whether a call is under way. */
  get isBusy(): boolean {
    return this.#busy;
  }

  /** Whether the last call failed. */
  get isFailing(): boolean {
    return (this.#trouble?.failures ?? 0) > 0;
  }

  /** Before this instant of the monotonic clock no call is made. */
  get retryAt(): number {
    return this.#trouble?.retryAt ?? Number.NEGATIVE_INFINITY;
  }

  /** When the record was read last, on the monotonic clock, if anything waits for that. */
  get loadedAt(): number {
    return this.#trouble?.loadedAt ?? Number.NEGATIVE_INFINITY;
  }

  /** From now on {@link JobRecord.loadedAt} is kept. */
  watchLoads(): void {
    this.#trouble ??= new Trouble();
  }

  load(): void {
    this.#call(
      'store.load',
      () => this.context.store.load(this.listener.jobId),
      (stored) => {
        if (!this.listener.mayWrite) return;
        this.isStale = false;
        this.#revision = stored?.revision;
        if (this.#trouble !== undefined) this.#trouble.loadedAt = this.context.clock.monotonic();
        this.listener.loaded(stored);
      },
    );
  }

  save(change: Change): void {
    const expected = this.#revision;
    this.#call(
      'store.save',
      () => this.context.store.save(change.next, expected),
      (answer) => this.#saveAnswered(change, answer),
      (trouble) => {
        trouble.unconfirmed = change;
      },
    );
  }

  remove(): void {
    this.#call(
      'store.delete',
      () => this.context.store.delete(this.listener.jobId),
      () => {
        if (!this.listener.isOver) this.listener.removed();
      },
    );
  }

  /** Carries on after a change whose answer was lost, if `state` shows that it was made. */
  confirm(state: JobState): void {
    const change = this.takeUnconfirmed();
    if (change?.isIn(state) !== true) return;
    this.#answered('store.save');
    change.done();
  }

  /** Forgets a change whose outcome is not known. */
  takeUnconfirmed(): Change | undefined {
    const change = this.#trouble?.unconfirmed;
    if (this.#trouble !== undefined) this.#trouble.unconfirmed = undefined;
    return change;
  }

  #saveAnswered(change: Change, answer: SaveResult): void {
    const { listener } = this;
    if (answer.status !== 'saved' && answer.status !== 'conflict')
      throw new ContractError('store.save', answer, "a status 'saved' or 'conflict'");
    const tooLate = listener.isOver && change.claimed !== undefined;
    if (!listener.mayWrite && !tooLate) return;
    if (answer.status === 'conflict') {
      if (!tooLate) this.#conflicted(change);
      return;
    }
    if (this.#trouble !== undefined) this.#trouble.conflicts = 0;
    this.#revision = answer.revision;
    if (tooLate) listener.claimedTooLate(change);
    else listener.saved(change);
  }

  #conflicted(change: Change): void {
    this.isStale = true;
    this.#trouble ??= new Trouble();
    // A store may have sent a save again after a lost answer, and met its own first try.
    if (change.claimed !== undefined) this.#trouble.unconfirmed = change;
    this.#trouble.conflicts += 1;
    const surplus = this.#trouble.conflicts - CONFLICTS_AT_ONCE;
    if (surplus >= 0) this.#pause(this.#trouble, surplus);
  }

  #call<T>(
    what: string,
    call: () => Promise<T>,
    answered: (answer: T) => void,
    failed?: (trouble: Trouble) => void,
  ): void {
    this.#busy = true;
    let isOpen = true;
    const close = (): boolean => {
      if (!isOpen) return false;
      isOpen = false;
      deadline.stop();
      this.#busy = false;
      return true;
    };
    const onError = (error: unknown): void => {
      if (!close()) return;
      this.#trouble ??= new Trouble();
      failed?.(this.#trouble);
      this.#failed(what, error, this.#trouble);
      this.listener.step();
    };
    const onAnswer = (answer: T): void => {
      if (!close()) return;
      this.#answered(what);
      try {
        answered(answer);
      } catch (error) {
        this.listener.failed(error);
      }
      this.listener.step();
    };
    const { clock, timers } = this.context;
    const deadline = new Delay(timers, () => onError(new TimeoutError(what, CALL_TIMEOUT_MS)));
    deadline.startAt(clock.monotonic() + CALL_TIMEOUT_MS);
    // By hand rather than with a promise around the call: this is where a run spends most of its time.
    asPromise(call).then(onAnswer, onError);
  }

  #answered(what: string): void {
    const trouble = this.#trouble;
    if (trouble === undefined || trouble.failures === 0 || trouble.failedCall !== what) return;
    if (this.listener.isOver) return;
    trouble.failures = 0;
    trouble.failedCall = undefined;
    trouble.retryAt = Number.NEGATIVE_INFINITY;
    this.context.jobReporter.storeRecovered(this.listener.jobId);
  }

  #failed(what: string, error: unknown, trouble: Trouble): void {
    const { context, listener } = this;
    const kind = kindOf(error);
    if (listener.isOver || kind === 'data' || kind === 'denied' || context.onStoreUnavailable === 'fail') {
      listener.failed(error);
      return;
    }
    if (trouble.failures === 0) context.jobReporter.storeDegraded(listener.jobId, error);
    this.#pause(trouble, trouble.failures);
    trouble.failures += 1;
    if (trouble.failedCall === undefined || what !== 'store.load') trouble.failedCall = what;
    this.isStale = true;
  }

  #pause(trouble: Trouble, attempt: number): void {
    trouble.retryAt = this.context.clock.monotonic() + backoffMs(attempt, this.context.random);
  }
}

/** What was called may not be a promise, or throw at once. */
function asPromise<T>(call: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    return Promise.reject(error);
  }
}
