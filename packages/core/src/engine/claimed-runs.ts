import type { SkipReason } from '../events.js';
import type { ExecutionLease } from '../execution-guard.js';
import type { Job } from '../job.js';
import type { InFlightRun, JobState } from '../job-state.js';
import { commit, findEntry, isSameEntry, replaceEntry, type RunResult } from '../policy/transitions.js';
import type { Change } from './change.js';
import type { EngineContext } from './engine-context.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { RunRecord } from './report.js';
import { RunHistory } from './run-history.js';
import { RunSet } from './run-set.js';
import { Run, type RunListener, type RunOutcome } from './run.js';

/** What is to be written of an entry that this instance is done with. */
interface PendingCommit {
  readonly entry: InFlightRun;
  /** What comes in its place: itself, handed back, or nothing. */
  readonly by: InFlightRun | undefined;
  readonly result: RunResult | undefined;
  /** Why it did not run, if it leaves the record without having run. */
  readonly skipReason: SkipReason | undefined;
}

/** What claimed runs tell the job that they belong to. */
export interface RunsListener {
  /** Whether the job is on its way to its end, or there. */
  readonly isStopping: boolean;
  guardHealth(error: unknown): void;
  /** Reads the record again and tells whether the entry is still in it. */
  confirmEntry(entry: InFlightRun): Promise<boolean>;
  sawLease(lease: ExecutionLease): void;
  /** An entry is left to whoever holds its lease, or to a later probe. */
  relinquished(entry: InFlightRun): void;
  /** An entry was settled in the record. */
  settled(entry: InFlightRun): void;
  skipped(reason: SkipReason, entry: InFlightRun): void;
  /** A run cannot go on, nor the job without it. */
  refused(error: unknown): void;
  step(): void;
}

/** The runs that this instance has claimed, each from its claim until its end is in the record. */
export class ClaimedRuns implements RunListener {
  #history: RunHistory | undefined;
  /** Only while there are any: every job that ever ran would keep it. */
  #runs: RunSet | undefined;
  readonly #commits: PendingCommit[] = [];

  constructor(
    private readonly context: EngineContext,
    private readonly job: Job<never>,
    private readonly listener: RunsListener,
  ) {}

  /** The last runs that ended, oldest first. */
  get history(): RunRecord[] {
    return this.#history?.list() ?? [];
  }

  /** How many have begun and hold up the end of the job. */
  get active(): number {
    return this.unfinished - this.queued;
  }

  /** How many wait for the active one. */
  get queued(): number {
    return this.#runs?.queued ?? 0;
  }

  /** How many have begun. A queued run waits for others, so it must not keep these from being recovered. */
  get begun(): number {
    return this.size - this.queued;
  }

  /** How many count for overlap. */
  get unfinished(): number {
    return this.size - (this.#runs?.ended ?? 0);
  }

  get size(): number {
    return this.#runs?.size ?? 0;
  }

  get uncommitted(): number {
    return this.#commits.length;
  }

  /** Whether a run of this occurrence is here, whoever owns its entry by now. */
  hasOccurrence(entry: InFlightRun): boolean {
    return this.#runs?.get(entry) !== undefined;
  }

  /** Whether the run of exactly this entry is here. */
  has(entry: InFlightRun): boolean {
    const run = this.#runs?.get(entry);
    return run !== undefined && isSameEntry(run.entry, entry);
  }

  /** Takes up a run that was claimed at `claimedAt` of the monotonic clock, and begins it unless it is queued. */
  add(entry: InFlightRun, claimedAt: number, queued: boolean, keeper?: LeaseKeeper): void {
    const run = new Run(this.context, this.job, entry, claimedAt, this);
    this.#runs ??= new RunSet();
    this.#runs.add(run);
    if (!queued) this.#begin(run, keeper);
  }

  /** The run that waits, once no other of this instance has begun. */
  nextQueued(): Run | undefined {
    return this.begun > 0 ? undefined : this.#runs?.firstQueued();
  }

  beginQueued(run: Run): void {
    this.#begin(run);
  }

  abort(reason: unknown): void {
    this.#runs?.forEach((run) => run.abort(reason));
  }

  /** Ends the renewal of all leases, which then run out by themselves. */
  forsake(): void {
    this.#runs?.forEach((run) => run.forsake());
  }

  handBackQueued(): void {
    this.#runs?.forEach((run) => {
      if (run.stage === 'queued') this.handBack(run.entry);
    });
  }

  /**
   * Leaves an entry whose run never began to whoever can run it first: the next start, or an instance that wins
   * its lease.
   */
  handBack(entry: InFlightRun): void {
    const by = { ...entry, handedBack: true };
    this.#commits.push({ entry, by, result: undefined, skipReason: undefined });
  }

  /** Takes an entry out of the record though it did not run here. */
  commitWithoutRun(entry: InFlightRun, reason: SkipReason): void {
    this.#commits.push({ entry, by: undefined, result: undefined, skipReason: reason });
  }

  /** Forgets what could not be written. */
  dropCommits(): void {
    this.#commits.length = 0;
  }

  /** Brings in what has ended; `settled` when there was nothing left to write for it. */
  nextChange(state: JobState): Change | 'settled' | undefined {
    if (this.#commits.length === 0) return undefined;
    const ended = [...this.#commits];
    let next = state;
    for (const one of ended) if (findEntry(state, one.entry) !== undefined) next = withCommit(next, one);
    const done = (): void => this.#settle(ended, state);
    if (next !== state) return { next, isIn: (now) => ended.every((one) => isWritten(now, one)), done };
    done();
    return 'settled';
  }

  /** Lets go of what is in the record now; `before` is the state that it was brought into. */
  #settle(ended: readonly PendingCommit[], before: JobState): void {
    for (const one of ended) {
      const index = this.#commits.indexOf(one);
      if (index !== -1) this.#commits.splice(index, 1);
      const { entry, skipReason } = one;
      if (this.has(entry)) this.#forget(entry);
      this.listener.settled(entry);
      const wasThere = findEntry(before, entry) !== undefined;
      if (wasThere && skipReason !== undefined) this.listener.skipped(skipReason, entry);
    }
  }

  // ---- What a run tells

  guardHealth(error: unknown): void {
    this.listener.guardHealth(error);
  }

  confirmEntry({ entry }: Run): Promise<boolean> {
    return this.listener.confirmEntry(entry);
  }

  runStarted({ entry }: Run, startedAt: number, lease: ExecutionLease | undefined): void {
    if (lease !== undefined) this.listener.sawLease(lease);
    this.context.jobReporter.runStarted(this.job.id, entry, startedAt, lease);
  }

  runCompleted({ entry }: Run, result: RunResult, error: unknown): void {
    this.context.jobReporter.runCompleted(this.job.id, entry, result, error);
    const { historyLimit } = this.context;
    if (historyLimit === 0) return;
    this.#history ??= new RunHistory(historyLimit);
    this.#history.add(entry, result);
  }

  #begin(run: Run, keeper?: LeaseKeeper): void {
    this.#runs?.advance(run, 'begun');
    const ended = (outcome: RunOutcome): void => {
      this.#ended(run, outcome);
      this.listener.step();
    };
    const outcome = run.execute(keeper);
    if (!(outcome instanceof Promise)) ended(outcome);
    else void outcome.then(ended, (error: unknown) => this.listener.refused(error));
  }

  #ended(run: Run, outcome: RunOutcome): void {
    this.#runs?.advance(run, 'ended');
    const { entry } = run;
    switch (outcome.kind) {
      case 'finished':
        this.#commits.push({ entry, by: undefined, result: outcome.result, skipReason: undefined });
        return;
      case 'completed':
        this.commitWithoutRun(entry, 'already_completed');
        return;
      case 'outside_time_window':
        this.commitWithoutRun(entry, 'outside_time_window');
        return;
      case 'contended':
        if (this.#mayWaitForLease) this.handBack(entry);
        else if (this.context.store.shared) {
          this.#relinquish(entry);
          this.listener.skipped('contended', entry);
        } else this.commitWithoutRun(entry, 'contended');
        return;
      case 'abandoned':
        if (this.listener.isStopping) this.handBack(entry);
        else this.#relinquish(entry);
        return;
      case 'refused':
        this.#relinquish(entry);
        this.listener.refused(outcome.error);
    }
  }

  #relinquish(entry: InFlightRun): void {
    // A later attempt may have come in its place while the guard did not answer.
    if (!this.has(entry)) return;
    this.#forget(entry);
    this.listener.relinquished(entry);
  }

  /**
   * A lease that is shared with other occurrences or jobs is waited for: whoever holds it will not run this
   * occurrence. With a private store the occurrence is another instance's.
   */
  get #mayWaitForLease(): boolean {
    const { guardScope, resourceId, id } = this.job;
    return this.context.store.shared && (guardScope === 'resource' || resourceId !== id);
  }

  #forget(entry: InFlightRun): void {
    if (this.size === 1 && this.hasOccurrence(entry)) this.#runs = undefined;
    else this.#runs?.delete(entry);
  }
}

function withCommit(state: JobState, { entry, by, result }: PendingCommit): JobState {
  return by === undefined ? commit(state, entry, result) : replaceEntry(state, entry, by);
}

function isWritten(state: JobState, { entry, by }: PendingCommit): boolean {
  const found = findEntry(state, entry);
  return found === undefined || (by !== undefined && found.handedBack === true);
}
