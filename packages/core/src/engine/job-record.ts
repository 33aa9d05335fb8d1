import { ContractError, isForGood, TimeoutError } from '../errors.js';
import type { JobState } from '../job-state.js';
import type { Revision, SaveResult, StoredJobState } from '../state-store.js';
import { PackedState } from '../stores/packed-state.js';
import { backoffMs } from './backoff.js';
import type { Change } from './change.js';
import { CALL_TIMEOUT_MS, type EngineContext } from './engine-context.js';
import type { TimerEntry } from './timer-queue.js';

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
  /** A call has ended; what is asked for from now on waits until it was taken in, up to {@link RecordListener.goOn}. */
  holdUp(): void;
  goOn(): void;
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

/** A call of the store that is under way, waiting for its deadline. */
class StoreCall implements TimerEntry {
  dueAt = 0;
  heapIndex = -1;
  /** The turn in which it began, as {@link CallPressure} counts. */
  turn = 0;

  constructor(
    readonly what: 'store.load' | 'store.save' | 'store.delete',
    /** What is saved. */
    readonly change: Change | undefined,
    private readonly record: JobRecord,
  ) {}

  onDue(): void {
    this.record.expired(this);
  }
}

/**
 * The record of one job as this instance last saw it, and the calls of the store, one at a time: each with a
 * deadline, repeated with pauses when it fails.
 */
export class JobRecord {
  #state: JobState | undefined;
  /** What {@link JobRecord.state} was when it was put to rest. */
  #packed: PackedState | undefined;
  /** Whether it has to be read before it can be written. */
  isStale = true;
  /** The call that is under way. */
  #call: StoreCall | undefined;
  #revision: Revision | undefined;
  #trouble: Trouble | undefined;

  constructor(
    private readonly context: EngineContext,
    private readonly listener: RecordListener,
  ) {}

  get state(): JobState | undefined {
    this.#state ??= this.#packed?.get();
    return this.#state;
  }

  set state(state: JobState) {
    this.#state = state;
  }

  /** The state, for a look that does not keep it. */
  peek(): JobState | undefined {
    return this.#state ?? this.#packed?.get();
  }

  /** Nothing is left to write: keeps the state without its dates until it is asked for again. */
  rest(): void {
    const trouble = this.#trouble;
    if (trouble !== undefined) {
      trouble.conflicts = 0;
      if (trouble.failures > 0) this.#recovered(trouble);
    }
    if (this.#state === undefined || this.#state.inFlight.length > 0) return;
    if (this.#packed === undefined) this.#packed = new PackedState(this.#state);
    else this.#packed.set(this.#state);
    this.#state = undefined;
  }

  /** Whether a call is under way. */
  get isBusy(): boolean {
    return this.#call !== undefined;
  }

  /** Whether the last call failed, or saves meet nothing but conflicts. */
  get isFailing(): boolean {
    const { failures = 0, conflicts = 0 } = this.#trouble ?? {};
    return failures > 0 || conflicts >= CONFLICTS_AT_ONCE;
  }

  /** Before this instant of the monotonic clock no call is made. */
  get retryAt(): number {
    return this.#trouble?.retryAt ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether that instant is still to come. */
  get isPausing(): boolean {
    // Nearly always there is none: reading the clock takes longer than to see that.
    return this.retryAt !== Number.NEGATIVE_INFINITY && this.context.clock.monotonic() < this.retryAt;
  }

  /** When the record was read last, on the monotonic clock, if anything waits for that. */
  get loadedAt(): number {
    return this.#trouble?.loadedAt ?? Number.NEGATIVE_INFINITY;
  }

  /** From now on {@link JobRecord.loadedAt} is kept. */
  watchLoads(): void {
    this.#trouble ??= new Trouble();
  }

  /** Lets the process end before the deadline of a call whose answer is of no use any more. */
  stopWaiting(): void {
    if (this.#call !== undefined) this.context.timers.removeMonotonic(this.#call);
  }

  load(): void {
    this.#send('store.load', undefined);
  }

  save(change: Change): void {
    this.#send('store.save', change);
  }

  remove(): void {
    this.#send('store.delete', undefined);
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
    if (surplus < 0) return;
    const { jobId, isOver } = this.listener;
    if (surplus === 0 && !isOver) this.context.jobReporter.storeEvent(jobId, { type: 'conflict' });
    this.#pause(this.#trouble, surplus);
  }

  #send(what: StoreCall['what'], change: Change | undefined): void {
    const { clock, timers, pressure } = this.context;
    const call = new StoreCall(what, change, this);
    this.#call = call;
    call.turn = pressure.begin();
    timers.setMonotonic(call, clock.monotonic() + CALL_TIMEOUT_MS);
    this.#ask(call).then(
      (answer) => this.#resolved(call, answer),
      (error: unknown) => this.#rejected(call, error),
    );
  }

  /** What a store returns may not be a promise, and it may throw at once. */
  #ask({ what, change }: StoreCall): Promise<unknown> {
    const { store } = this.context;
    const { jobId } = this.listener;
    try {
      if (what === 'store.load') return Promise.resolve(store.load(jobId));
      if (change === undefined) return Promise.resolve(store.delete(jobId));
      return Promise.resolve(store.save(change.next, this.#revision));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #resolved(call: StoreCall, answer: unknown): void {
    if (!this.#close(call)) return;
    try {
      this.#answered(call.what);
      if (call.what === 'store.load')
        this.#loaded((answer as StoredJobState | null | undefined) ?? undefined);
      else if (call.change !== undefined) this.#saveAnswered(call.change, answer as SaveResult);
      else if (!this.listener.isOver) this.listener.removed();
    } catch (error) {
      this.listener.failed(error);
    } finally {
      this.#goOn(call);
    }
  }

  /** The deadline of a call has gone by. */
  expired(call: StoreCall): void {
    this.#rejected(call, new TimeoutError(call.what, CALL_TIMEOUT_MS));
  }

  #rejected(call: StoreCall, error: unknown): void {
    if (!this.#close(call)) return;
    this.#trouble ??= new Trouble();
    if (call.change !== undefined) this.#trouble.unconfirmed = call.change;
    try {
      this.#failed(call.what, error, this.#trouble);
    } catch (thrown) {
      this.listener.failed(thrown);
    } finally {
      this.#goOn(call);
    }
  }

  /** Other jobs, which may begin in the place of this call, come after what follows from it. */
  #goOn(call: StoreCall): void {
    this.listener.goOn();
    // Only now: the timer of a scheduler with nothing else to wait for would be stopped, and at once be set again.
    this.context.timers.removeMonotonic(call);
    this.context.pressure.end(call.turn);
  }

  /** Returns whether the call was under way still: after its deadline an answer is of no use. */
  #close(call: StoreCall): boolean {
    if (this.#call !== call) return false;
    this.#call = undefined;
    this.listener.holdUp();
    return true;
  }

  #loaded(stored: StoredJobState | undefined): void {
    if (!this.listener.mayWrite) return;
    this.isStale = false;
    this.#revision = stored?.revision;
    if (this.#trouble !== undefined) this.#trouble.loadedAt = this.context.clock.monotonic();
    this.listener.loaded(stored);
  }

  #answered(what: string): void {
    if (this.#trouble?.failedCall === what) this.#recovered(this.#trouble);
  }

  #recovered(trouble: Trouble): void {
    if (this.listener.isOver) return;
    trouble.failures = 0;
    trouble.failedCall = undefined;
    trouble.retryAt = Number.NEGATIVE_INFINITY;
    this.context.jobReporter.storeRecovered(this.listener.jobId);
  }

  #failed(what: string, error: unknown, trouble: Trouble): void {
    const { context, listener } = this;
    if (listener.isOver || isForGood(error) || context.onStoreUnavailable === 'fail') {
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
