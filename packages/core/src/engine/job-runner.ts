import { isSchedulerError, JobStoppedError, type SchedulerErrorKind } from '../errors.js';
import type { RunSkippedEvent, SchedulerEvent, SkipReason, StopReason } from '../events.js';
import type { ExecutionLease } from '../execution-guard.js';
import type { Job } from '../job.js';
import type { InFlightRun, JobState } from '../job-state.js';
import { admit, type Decision, plan, type Situation, type Stretch } from '../policy/plan.js';
import { isBehind, type Restored, restore } from '../policy/restore.js';
import {
  claim,
  commit,
  consume,
  findEntry,
  isSameEntry,
  type RunResult,
  takeOver,
} from '../policy/transitions.js';
import { withChanges } from '../policy/with-changes.js';
import type { Revision, SaveResult, StoredJobState, StoreEvent } from '../state-store.js';
import { backoffMs } from './backoff.js';
import { Delay, type EngineContext, withDeadline } from './engine-context.js';
import { EntryWatcher, type WatchListener } from './entry-watcher.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { releaseLease } from './lease-release.js';
import type { JobReport, JobSnapshot, RunRecord, TriggerResult } from './report.js';
import { leaseContext, Run, type RunListener, type RunOutcome } from './run.js';
import { Settlement } from './settlement.js';
import type { TimerEntry } from './timer-queue.js';

/** How long tasks and the store may take to end after the signal was aborted. */
const ABORT_GRACE_MS = 1_000;
/** How often an instance looks whether a shared pause, or a run that it waits for, has ended. */
const POLL_MS = 1_000;

/**
 * A change of the record. It is worked out anew after each conflict, so that no decision rests on a state
 * that another instance has changed since.
 */
interface Change {
  readonly next: JobState;
  /** Whether `state` shows that the change was made, though its answer was lost. */
  isIn(state: JobState): boolean;
  /** Goes on after the change was made. */
  done(): void;
}

/** A run that ended, and whose end is not in the record yet. */
interface PendingCommit {
  readonly entry: InFlightRun;
  readonly result: RunResult | undefined;
  done(): void;
}

/** An entry whose owner is gone, with the lease that was won on it. */
interface Orphan {
  readonly entry: InFlightRun;
  readonly keeper: LeaseKeeper | undefined;
}

/** A run that asks whether its entry is still in the record. */
interface Confirmation {
  readonly entry: InFlightRun;
  readonly settlement: Settlement<boolean>;
}

interface PauseRequest {
  readonly paused: boolean;
  /** Whether the record was read since the request, so that what is known of it is not of before. */
  fresh: boolean;
  readonly settlement: Settlement<void>;
}

/** What most jobs never need, kept apart so that an idle job stays small. */
interface Extras {
  readonly runs: Map<number, Run>;
  readonly commits: PendingCommit[];
  readonly orphans: Orphan[];
  /** Entries found at start, which are settled before new occurrences are planned. */
  readonly recovering: Map<number, InFlightRun>;
  readonly triggers: Settlement<TriggerResult>[];
  readonly pauses: PauseRequest[];
  readonly confirmations: Confirmation[];
}

/**
 * The state machine of one job. Every input (a timer, an answer of the store, the end of a run, a call of
 * the handle) changes a field and calls `#step`, which carries out one thing at a time: while a call to
 * the store is under way, nothing else is decided.
 */
export class JobRunner implements TimerEntry, RunListener, WatchListener {
  dueAt = 0;
  heapIndex = -1;
  readonly startedSettlement = new Settlement<void>();
  readonly finishedSettlement = new Settlement<JobReport>();

  readonly #context: EngineContext;
  readonly #job: Job<never>;
  readonly #onStopped: (runner: JobRunner) => void;

  #phase: 'loading' | 'ready' | 'stopped' | 'failed' = 'loading';
  #state: JobState | undefined;
  #revision: Revision | undefined;
  /** The id under which this start of the job claims runs; made with the first claim. */
  #owner: string | undefined;
  /** What the loaded state was turned into and has to be saved before the job is ready. */
  #restored: Restored | undefined;
  /** The state as it was stored, for the report of what was changed in it. */
  #previous: JobState | undefined;

  #stepping = false;
  #stepAgain = false;
  /** A call to the store is under way. */
  #busy = false;
  #mustLoad = true;
  /** A change whose outcome is not known: its answer was lost, or it met a conflict. */
  #unconfirmed: Change | undefined;
  #recordLost = false;
  #deleting = false;

  #locallyPaused = false;
  #stopping: { readonly reason: 'cancelled' | 'shutdown'; endsAt: number; aborted: boolean } | undefined;
  #storeFailures = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  #storeDegraded = false;
  #guardDegraded = false;

  #extras: Extras | undefined;
  #watcher: EntryWatcher | undefined;
  #alarm: Delay | undefined;
  #pollAt = Number.POSITIVE_INFINITY;
  #loadedAt = Number.NEGATIVE_INFINITY;
  /** Occurrences that the next catch-up stands for, and that are consumed already. */
  #coalesced = 0;
  #history: RunRecord[] | undefined;
  #lastSkipReason: SkipReason | undefined;

  constructor(context: EngineContext, job: Job<never>, onStopped: (runner: JobRunner) => void) {
    this.#context = context;
    this.#job = job;
    this.#onStopped = onStopped;
  }

  get jobId(): string {
    return this.#job.id;
  }

  // ---- Inputs

  start(): void {
    this.#step();
  }

  onDue(): void {
    this.#step();
  }

  pauseLocally(): void {
    if (this.#locallyPaused || this.#isOver) return;
    this.#locallyPaused = true;
    this.#emit({ type: 'paused', ...this.#stamp(), scope: 'local' });
    this.#step();
  }

  resumeLocally(): void {
    if (!this.#locallyPaused || this.#isOver) return;
    this.#locallyPaused = false;
    this.#emit({ type: 'resumed', ...this.#stamp(), scope: 'local' });
    this.#step();
  }

  setSharedPause(paused: boolean): Promise<void> {
    const settlement = new Settlement<void>();
    if (this.#isOver || this.#stopping !== undefined) settlement.reject(this.#stoppedError());
    else this.#extra().pauses.push({ paused, fresh: !this.#context.store.shared, settlement });
    this.#step();
    return settlement.promise;
  }

  trigger(): Promise<TriggerResult> {
    const settlement = new Settlement<TriggerResult>();
    if (this.#isOver || this.#stopping !== undefined) settlement.reject(this.#stoppedError());
    else this.#extra().triggers.push(settlement);
    this.#step();
    return settlement.promise;
  }

  cancel(): void {
    this.#stop('cancelled', 0);
  }

  shutdown(graceMs: number): void {
    this.#stop('shutdown', graceMs);
  }

  storeEvent(event: StoreEvent): void {
    if (this.#isOver) return;
    const { error } = event;
    if (event.type === 'degraded') this.#storeDegraded = true;
    if (event.type === 'recovered') this.#storeDegraded = false;
    if (event.type === 'degraded')
      this.#emit({ type: 'store_degraded', ...this.#stamp(), kind: kindOf(error), error });
    else if (event.type === 'recovering') this.#emit({ type: 'store_recovering', ...this.#stamp() });
    else if (event.type === 'recovered') this.#emit({ type: 'store_recovered', ...this.#stamp() });
    else if (event.type === 'recovery_failed')
      this.#emit({ type: 'store_recovery_failed', ...this.#stamp(), error });
    else this.#emit({ type: 'store_conflict', ...this.#stamp(), error });
  }

  snapshot(): JobSnapshot {
    const active = this.#countRuns((run) => run.isActive);
    return {
      jobId: this.jobId,
      status: this.#status(active),
      nextRunAt: this.#state?.nextRunAt,
      active,
      queued: this.#countRuns((run) => run.stage === 'queued'),
      degraded: this.#storeDegraded || this.#storeFailures > 0 || this.#guardDegraded,
      triggerCount: this.#state?.triggerCount ?? 0,
    };
  }

  // ---- What a run tells

  guardHealth(error: unknown): void {
    const degraded = error !== undefined;
    if (degraded === this.#guardDegraded || this.#isOver) return;
    this.#guardDegraded = degraded;
    if (degraded) this.#emit({ type: 'guard_degraded', ...this.#stamp(), reason: 'unavailable', error });
    else this.#emit({ type: 'guard_recovered', ...this.#stamp() });
  }

  confirmEntry({ entry }: Run): Promise<boolean> {
    const settlement = new Settlement<boolean>();
    this.#extra().confirmations.push({ entry, settlement });
    this.#mustLoad = true;
    this.#step();
    return settlement.promise;
  }

  runStarted(run: Run, startedAt: number, lease: ExecutionLease | undefined): void {
    if (lease !== undefined) this.#watcher?.sawLease(lease.ttlMs);
    this.#emit({
      type: 'run_started',
      ...this.#stamp(),
      ...fieldsOf(run.entry),
      attempt: run.entry.attempt,
      latenessMs: startedAt - run.entry.scheduledAt.getTime(),
      fencingToken: lease?.fencingToken,
    });
  }

  runCompleted({ entry }: Run, result: RunResult, error: unknown): void {
    const status = result.error === undefined ? 'success' : 'failed';
    const startedAt = new Date(result.startedAt);
    const finishedAt = new Date(result.finishedAt);
    const { attempt } = entry;
    if (this.#context.historyLimit > 0) {
      this.#history ??= [];
      this.#history.push({ ...fieldsOf(entry), attempt, startedAt, finishedAt, status, error: result.error });
      if (this.#history.length > this.#context.historyLimit) this.#history.shift();
    }
    this.#emit({
      type: 'run_completed',
      ...this.#stamp(),
      ...fieldsOf(entry),
      attempt,
      latenessMs: result.startedAt - entry.scheduledAt.getTime(),
      status,
      startedAt,
      finishedAt,
      durationMs: result.finishedAt - result.startedAt,
      error,
    });
  }

  // ---- What a probe tells

  ownerGone(entry: InFlightRun, keeper: LeaseKeeper): void {
    if (this.#isOver || this.#stopping !== undefined) void this.#release(keeper, 'abandoned');
    else this.#extra().orphans.push({ entry, keeper });
    this.#step();
  }

  ownerAlive(): void {
    // The owner of the oldest entry lives, so this instance has nothing to recover before it plans.
    this.#extras?.recovering.clear();
    this.#step();
  }

  alreadyCompleted(entry: InFlightRun): void {
    this.#commitWithoutRun(entry, 'already_completed');
    this.#step();
  }

  // ---- The machine

  #step(): void {
    if (this.#stepping) {
      this.#stepAgain = true;
      return;
    }
    this.#stepping = true;
    do {
      this.#stepAgain = false;
      try {
        this.#advance();
      } catch (error) {
        this.#fail(error);
      }
    } while (this.#stepAgain);
    this.#stepping = false;
  }

  #advance(): void {
    this.#pollAt = Number.POSITIVE_INFINITY;
    if (!this.#isOver && this.#stopping !== undefined && this.#advanceStop(this.#stopping)) return;
    if (!this.#busy && this.#mayWrite && this.#context.clock.monotonic() >= this.#retryAt) {
      if (this.#mustLoad) this.#load();
      else {
        const change = this.#nextChange();
        if (change !== undefined) this.#save(change);
      }
    }
    this.#setAlarm();
  }

  /** What has to be written next, if anything; starts what needs no writing on the way. */
  #nextChange(): Change | undefined {
    if (this.#phase === 'loading') return this.#beginState();
    const state = this.#state as JobState;
    if (this.#recordLost) return this.#writeAgain(state);
    const ended = this.#commitEnded(state);
    if (ended !== undefined) return ended;
    if (this.#isOver || this.#stopping !== undefined) return undefined;
    const pause = this.#nextPause(state);
    if (pause !== undefined) return pause;
    if (state.paused || this.#locallyPaused) {
      this.#skipTriggers('paused');
      if (state.paused && this.#context.store.shared) this.#poll();
      return undefined;
    }
    const takeover = this.#nextTakeover(state);
    if (takeover !== undefined) return takeover;
    this.#probe();
    if (this.#promoteQueued(state)) return undefined;
    const trigger = this.#nextTrigger(state);
    if (trigger !== undefined) return trigger;
    if (!this.#mayOverlap && this.#extras !== undefined && this.#extras.recovering.size > 0) return undefined;
    return this.#carryOut(plan(this.#job, state, this.#situation()), state);
  }

  #carryOut(decision: Decision, state: JobState): Change | undefined {
    switch (decision.kind) {
      case 'wait':
        this.#context.timers.setWall(this, decision.until);
        return undefined;
      case 'terminal':
        this.#finishTerminal();
        return undefined;
      case 'paused':
        return undefined;
      case 'hold':
        if (this.#countForeign() > 0) this.#poll();
        return undefined;
      case 'coalesce':
        return this.#consume(state, decision.stretch, () => {
          this.#coalesced += decision.stretch.count;
        });
      case 'skip':
        return this.#consume(state, decision.stretch, (triggerCount) => {
          const { first, last, count } = decision.stretch;
          const catchUp = this.#coalesced > 0 || count > 1;
          this.#reportSkip(decision.reason, {
            scheduledAt: new Date(last),
            firstScheduledAt: new Date(first),
            count: count + this.#coalesced,
            triggerCount,
            catchUp,
            manual: false,
          });
          this.#coalesced = 0;
        });
      case 'trigger':
        return this.#claimOccurrence(state, decision);
    }
  }

  #consume(state: JobState, stretch: Stretch, done: (triggerCount: number) => void): Change {
    const next = consume(this.#job, state, stretch, this.#context);
    return {
      next,
      isIn: (now) =>
        now.triggerCount === next.triggerCount && now.lastScheduledAt?.getTime() === stretch.last,
      done: () => done(next.triggerCount),
    };
  }

  #claimOccurrence(state: JobState, decision: Extract<Decision, { kind: 'trigger' }>): Change {
    const { stretch, queue } = decision;
    const consumed = consume(this.#job, state, stretch, this.#context);
    const entry: InFlightRun = {
      scheduledAt: new Date(stretch.last),
      catchUp: decision.catchUp || this.#coalesced > 0,
      triggerCount: consumed.triggerCount,
      attempt: 1,
      owner: this.#ownId(),
    };
    return this.#claim(consumed, entry, queue, stretch.count - 1);
  }

  #claim(state: JobState, entry: InFlightRun, queued: boolean, coalesced: number): Change {
    const claimedAt = this.#context.clock.monotonic();
    return {
      next: claim(state, entry),
      isIn: (now) => findEntry(now, entry) !== undefined,
      done: () => {
        this.#emit({
          type: 'trigger_emitted',
          ...this.#stamp(),
          ...fieldsOf(entry),
          coalesced: coalesced + (entry.manual === true ? 0 : this.#coalesced),
          queued,
        });
        if (entry.manual !== true) this.#coalesced = 0;
        if (!this.#isOver) this.#addRun(entry, queued, claimedAt);
      },
    };
  }

  // ---- Runs

  #addRun(entry: InFlightRun, queued: boolean, claimedAt: number, keeper?: LeaseKeeper): void {
    const run = new Run(this.#context, this.#job, entry, claimedAt, this);
    this.#extra().runs.set(entry.scheduledAt.getTime(), run);
    if (!queued) this.#begin(run, keeper);
  }

  #begin(run: Run, keeper?: LeaseKeeper): void {
    void run.execute(keeper).then((outcome) => {
      this.#runEnded(run, outcome);
      this.#step();
    });
  }

  #runEnded(run: Run, outcome: RunOutcome): void {
    const { entry } = run;
    switch (outcome.kind) {
      case 'finished':
        this.#extra().commits.push({ entry, result: outcome.result, done: () => {} });
        return;
      case 'completed':
        this.#commitWithoutRun(entry, 'already_completed');
        return;
      case 'outside_time_window':
        this.#commitWithoutRun(entry, 'outside_time_window');
        return;
      case 'contended':
        if (this.#context.store.shared) {
          this.#relinquish(run);
          this.#reportSkippedEntry('contended', entry);
        } else this.#commitWithoutRun(entry, 'contended');
        return;
      case 'abandoned':
        this.#relinquish(run);
        return;
      case 'refused':
        this.#relinquish(run);
        this.#fail(outcome.error);
    }
  }

  /** Leaves an entry to whoever holds its lease, or to a later probe. */
  #relinquish(run: Run): void {
    const key = run.entry.scheduledAt.getTime();
    this.#extra().runs.delete(key);
    this.#extra().recovering.delete(key);
    if (this.#watcher !== undefined && this.#state !== undefined && !this.#isOver) {
      const entries = this.#state.inFlight.filter(
        (entry) => this.#watcher?.has(entry) || isSameEntry(entry, run.entry),
      );
      this.#watcher.update(entries, this.#watcher.nextProbeAt());
    }
  }

  /** Takes an entry out of the record though it did not run here. */
  #commitWithoutRun(entry: InFlightRun, reason: SkipReason): void {
    const done = (): void => this.#reportSkippedEntry(reason, entry);
    this.#extra().commits.push({ entry, result: undefined, done });
  }

  #commitEnded(state: JobState): Change | undefined {
    const commits = this.#extras?.commits;
    if (commits === undefined || commits.length === 0) return undefined;
    const ended = [...commits];
    const next = ended.reduce(
      (before, { entry, result }) =>
        findEntry(before, entry) === undefined ? before : commit(before, entry, result),
      state,
    );
    const done = (): void => {
      commits.splice(0, ended.length);
      for (const one of ended) {
        const key = one.entry.scheduledAt.getTime();
        const run = this.#extras?.runs.get(key);
        if (run !== undefined && isSameEntry(run.entry, one.entry)) this.#extras?.runs.delete(key);
        this.#extras?.recovering.delete(key);
        one.done();
      }
    };
    if (next === state) {
      done();
      this.#stepAgain = true;
      return undefined;
    }
    return { next, isIn: (now) => ended.every(({ entry }) => findEntry(now, entry) === undefined), done };
  }

  /** Starts the queued run once nothing that counts for overlap is in front of it. */
  #promoteQueued(state: JobState): boolean {
    const runs = this.#extras?.runs;
    if (runs === undefined || runs.size === 0) return false;
    const queued = [...runs.values()].find((run) => run.stage === 'queued');
    if (queued === undefined) return false;
    if (this.#countRuns(hasBegun) > 0) return false;
    const head = state.inFlight[0];
    if (this.#context.guard !== undefined && head !== undefined && !isSameEntry(head, queued.entry)) {
      this.#poll();
      return false;
    }
    this.#begin(queued);
    return true;
  }

  // ---- Entries of others

  #nextTakeover(state: JobState): Change | undefined {
    const orphans = this.#extras?.orphans;
    const orphan = orphans?.[0];
    if (orphans === undefined || orphan === undefined) return undefined;
    if (!this.#mayOverlap && this.#countRuns(hasBegun) > 0) return undefined;
    const { entry, keeper } = orphan;
    const found = findEntry(state, entry);
    if (found === undefined) {
      orphans.shift();
      if (keeper !== undefined) void this.#release(keeper, 'abandoned');
      this.#stepAgain = true;
      return undefined;
    }
    const { interruptedRunPolicy, maxInterruptedReruns } = this.#job;
    const key = entry.scheduledAt.getTime();
    if (interruptedRunPolicy === 'skip' || entry.attempt > maxInterruptedReruns) {
      return {
        next: commit(state, entry, undefined),
        isIn: (now) => findEntry(now, entry) === undefined,
        done: () => {
          orphans.shift();
          this.#extras?.recovering.delete(key);
          this.#reportSkippedEntry('interrupted', entry);
          if (keeper !== undefined) void this.#release(keeper, 'completed');
        },
      };
    }
    const claimedAt = this.#context.clock.monotonic();
    const taken: InFlightRun = { ...entry, owner: this.#ownId(), attempt: entry.attempt + 1 };
    return {
      next: takeOver(state, entry, taken.owner),
      isIn: (now) => findEntry(now, taken) !== undefined,
      done: () => {
        orphans.shift();
        this.#addRun(taken, false, claimedAt, keeper);
      },
    };
  }

  /** Asks for the lease of a watched entry when it is due, after making sure that it is still the same. */
  #probe(): void {
    const watcher = this.#watcher;
    if (watcher === undefined || !this.#mayProbe) return;
    const probeAt = watcher.dueAt(this.#mayOverlap);
    if (probeAt > this.#context.clock.monotonic()) return;
    if (this.#loadedAt < probeAt) {
      this.#mustLoad = true;
      this.#stepAgain = true;
      return;
    }
    void watcher.probe(this.#mayOverlap).then(() => this.#step());
  }

  /**
   * Unless runs may overlap, `inFlight` is a queue of which only the head may run. Two instances that
   * wait for each other's entries would otherwise take them over at the same time.
   */
  get #mayProbe(): boolean {
    if (this.#mayOverlap) return true;
    const head = this.#state?.inFlight[0];
    const headIsForeign = head !== undefined && this.#watcher?.has(head) === true;
    return headIsForeign && this.#countRuns(hasBegun) + (this.#extras?.orphans.length ?? 0) === 0;
  }

  /** Brings what is known of runs and entries in line with a state that was just read or written. */
  #reconcile(state: JobState): void {
    const foreign: InFlightRun[] = [];
    for (const entry of state.inFlight) {
      const run = this.#extras?.runs.get(entry.scheduledAt.getTime());
      if (run !== undefined && isSameEntry(run.entry, entry)) continue;
      // A claim whose answer was lost: what is found under this instance's own id is its own.
      if (entry.owner === this.#owner && run === undefined && !this.#watcher?.has(entry)) this.#adopt(entry);
      else foreign.push(entry);
    }
    this.#watcher?.update(foreign, this.#watcher.nextProbeAt());
    const recovering = this.#extras?.recovering;
    if (recovering !== undefined) {
      for (const [key, entry] of recovering) {
        if (findEntry(state, entry) === undefined && this.#extras?.runs.get(key) === undefined)
          recovering.delete(key);
      }
    }
  }

  #adopt(entry: InFlightRun): void {
    const stopped = this.#isOver || this.#stopping !== undefined;
    if (!stopped)
      this.#addRun(entry, !this.#mayOverlap && this.#countRuns(() => true) > 0, Number.NEGATIVE_INFINITY);
  }

  // ---- Control

  #nextPause(state: JobState): Change | undefined {
    const pauses = this.#extras?.pauses;
    const request = pauses?.[0];
    if (pauses === undefined || request === undefined) return undefined;
    const { paused, settlement } = request;
    const done = (): void => {
      pauses.shift();
      settlement.resolve();
    };
    if (state.paused !== paused)
      return { next: withChanges(state, { paused }), isIn: (now) => now.paused === paused, done };
    if (!request.fresh) {
      request.fresh = true;
      this.#mustLoad = true;
    } else done();
    this.#stepAgain = true;
    return undefined;
  }

  #nextTrigger(state: JobState): Change | undefined {
    const triggers = this.#extras?.triggers;
    const settlement = triggers?.[0];
    if (triggers === undefined || settlement === undefined) return undefined;
    const admission = admit(this.#job, this.#situation());
    if (admission.kind === 'skip') {
      this.#skipTriggers(admission.reason);
      return undefined;
    }
    const queued = admission.kind === 'queue';
    const scheduledAt = this.#freeInstant(state);
    const { triggerCount } = state;
    const entry = {
      scheduledAt,
      catchUp: false,
      triggerCount,
      attempt: 1,
      owner: this.#ownId(),
      manual: true,
    };
    const change = this.#claim(state, entry, queued, 0);
    return {
      ...change,
      done: () => {
        triggers.shift();
        change.done();
        settlement.resolve({ status: 'triggered', scheduledAt, queued });
      },
    };
  }

  /** An occurrence that no other shares: now, or the nearest instant before it. */
  #freeInstant(state: JobState): Date {
    const taken = new Set(state.inFlight.map((entry) => entry.scheduledAt.getTime()));
    if (state.nextRunAt !== undefined) taken.add(state.nextRunAt.getTime());
    if (state.lastScheduledAt !== undefined) taken.add(state.lastScheduledAt.getTime());
    let instant = this.#context.clock.now();
    while (taken.has(instant)) instant -= 1;
    return new Date(instant);
  }

  #skipTriggers(reason: SkipReason): void {
    const triggers = this.#extras?.triggers.splice(0) ?? [];
    for (const settlement of triggers) {
      const now = new Date(this.#context.clock.now());
      const triggerCount = this.#state?.triggerCount ?? 0;
      this.#reportSkip(reason, {
        scheduledAt: now,
        firstScheduledAt: now,
        count: 1,
        triggerCount,
        catchUp: false,
        manual: true,
      });
      settlement.resolve({ status: 'skipped', reason });
    }
  }

  #stop(reason: 'cancelled' | 'shutdown', graceMs: number): void {
    if (this.#isOver) return;
    const endsAt = this.#context.clock.monotonic() + graceMs;
    if (this.#stopping === undefined) this.#stopping = { reason, endsAt, aborted: false };
    else if (!this.#stopping.aborted) this.#stopping.endsAt = Math.min(this.#stopping.endsAt, endsAt);
    this.#context.timers.removeWall(this);
    this.#step();
  }

  /** Returns whether the job came to its end. */
  #advanceStop(stopping: { reason: 'cancelled' | 'shutdown'; endsAt: number; aborted: boolean }): boolean {
    const now = this.#context.clock.monotonic();
    if (now >= stopping.endsAt) {
      if (stopping.aborted) return this.#finish(stopping.reason);
      stopping.aborted = true;
      stopping.endsAt = now + ABORT_GRACE_MS;
      const code = stopping.reason === 'cancelled' ? 'ERR_CANCELLED' : 'ERR_SHUTDOWN';
      for (const run of this.#extras?.runs.values() ?? []) run.abort(new JobStoppedError(code, this.jobId));
    }
    const unsettled = this.#countRuns((run) => run.isActive) + (this.#extras?.commits.length ?? 0);
    const claiming = this.#busy && this.#phase === 'ready' && stopping.reason === 'shutdown';
    return unsettled === 0 && !claiming ? this.#finish(stopping.reason) : false;
  }

  #finishTerminal(): void {
    if (this.#countRuns(() => true) > 0 || (this.#extras?.orphans.length ?? 0) > 0) return;
    if ((this.#watcher?.size ?? 0) > 0) return;
    if (this.#context.terminalStatePolicy === 'retain') {
      this.#finish('terminal');
      return;
    }
    this.#deleting = true;
    this.#callStore(
      'store.delete',
      () => this.#context.store.delete(this.jobId),
      () => {
        this.#emit({ type: 'terminal_state_deleted', ...this.#stamp() });
        this.#finish('terminal');
      },
    );
  }

  #finish(reason: Exclude<StopReason, 'failed'>): true {
    const error = this.#stoppedError();
    if (this.#phase === 'loading') this.startedSettlement.reject(error);
    this.#phase = 'stopped';
    this.#letGo(error);
    this.#emit({ type: 'scheduler_stopped', ...this.#stamp(), reason });
    this.finishedSettlement.resolve({
      jobId: this.jobId,
      state: this.#state ?? { jobId: this.jobId, triggerCount: 0, paused: false, inFlight: [] },
      history: this.#history ?? [],
      lastSkipReason: this.#lastSkipReason,
      stopReason: reason,
    });
    this.#onStopped(this);
    return true;
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#phase = 'failed';
    this.#letGo(error);
    this.#emit({ type: 'scheduler_stopped', ...this.#stamp(), reason: 'failed', error });
    this.startedSettlement.reject(error);
    this.finishedSettlement.reject(error);
    this.#onStopped(this);
  }

  /** Ends everything that waits. A task that does not end is left alone, and its lease runs out. */
  #letGo(error: unknown): void {
    this.#context.timers.removeWall(this);
    this.#alarm?.stop();
    this.#watcher?.update([], 0);
    const extras = this.#extras;
    if (extras === undefined) return;
    for (const run of extras.runs.values()) {
      run.abort(error);
      run.forsake();
    }
    for (const { keeper } of extras.orphans.splice(0)) {
      if (keeper !== undefined) void this.#release(keeper, 'abandoned');
    }
    for (const { settlement } of extras.confirmations.splice(0)) settlement.resolve(false);
    for (const settlement of extras.triggers.splice(0)) settlement.reject(error);
    for (const { settlement } of extras.pauses.splice(0)) settlement.reject(error);
  }

  // ---- The store

  #load(): void {
    this.#callStore(
      'store.load',
      () => this.#context.store.load(this.jobId),
      (stored) => {
        this.#mustLoad = false;
        this.#loadedAt = this.#context.clock.monotonic();
        if (this.#phase === 'loading') this.#firstLoaded(stored);
        else this.#loadedAgain(stored);
      },
    );
  }

  #save(change: Change): void {
    const expected = this.#revision;
    this.#callStore(
      'store.save',
      () => this.#context.store.save(change.next, expected),
      (answer: SaveResult) => {
        if (answer.status === 'saved') {
          this.#revision = answer.revision;
          this.#setState(change.next);
          change.done();
          this.#reconcile(change.next);
        } else {
          this.#unconfirmed = change;
          this.#mustLoad = true;
        }
      },
      () => {
        this.#unconfirmed = change;
      },
    );
  }

  #callStore<T>(
    what: string,
    call: () => Promise<T>,
    answered: (answer: T) => void,
    failed?: () => void,
  ): void {
    this.#busy = true;
    void withDeadline(this.#context, what, call)
      .then(
        (answer) => {
          this.#busy = false;
          if (!this.#mayWrite) return;
          this.#storeAnswered();
          try {
            answered(answer);
          } catch (error) {
            this.#fail(error);
          }
        },
        (error: unknown) => {
          this.#busy = false;
          failed?.();
          this.#storeFailed(error);
        },
      )
      .then(() => this.#step());
  }

  #storeAnswered(): void {
    if (this.#storeFailures === 0) return;
    this.#storeFailures = 0;
    this.#retryAt = Number.NEGATIVE_INFINITY;
    this.#emit({ type: 'store_recovered', ...this.#stamp() });
  }

  #storeFailed(error: unknown): void {
    if (this.#isOver) {
      this.#extras?.commits.splice(0);
      return;
    }
    const kind = kindOf(error);
    if (kind === 'data' || kind === 'denied' || this.#context.onStoreUnavailable === 'fail') {
      this.#fail(error);
      return;
    }
    if (this.#storeFailures === 0) this.#emit({ type: 'store_degraded', ...this.#stamp(), kind, error });
    this.#retryAt = this.#context.clock.monotonic() + backoffMs(this.#storeFailures, this.#context.random);
    this.#storeFailures += 1;
    this.#mustLoad = true;
  }

  #firstLoaded(stored: StoredJobState | undefined): void {
    this.#revision = stored?.revision;
    this.#restored = restore(this.#job, stored?.state, this.#context.clock.now(), this.#context);
    const { source, scheduleChanged } = this.#restored;
    if (source === 'restored' && !scheduleChanged) this.#ready(this.#restored, stored?.state);
    else this.#previous = stored?.state;
  }

  #beginState(): Change | undefined {
    const restored = this.#restored as Restored;
    return {
      next: restored.state,
      isIn: () => false,
      done: () => this.#ready(restored, this.#previous),
    };
  }

  #ready(restored: Restored, previous: JobState | undefined): void {
    const { state, source } = restored;
    this.#phase = 'ready';
    this.#restored = undefined;
    this.#previous = undefined;
    this.#state = state;
    const { nextRunAt, triggerCount, inFlight } = state;
    this.#emit({
      type: 'state_loaded',
      ...this.#stamp(),
      source,
      nextRunAt,
      triggerCount,
      inFlight: inFlight.length,
    });
    this.#reportRestored(restored, previous);
    if (state.paused) this.#emit({ type: 'paused', ...this.#stamp(), scope: 'shared' });
    const { guard, store } = this.#context;
    if (guard !== undefined) {
      this.#watcher = new EntryWatcher(this.#context, guard, this.#job, this);
      this.#watcher.update(inFlight, Number.NEGATIVE_INFINITY);
    } else if (store.shared) {
      this.#emit({ type: 'guard_degraded', ...this.#stamp(), reason: 'shared_store_without_guard' });
    }
    for (const entry of inFlight) {
      this.#extra().recovering.set(entry.scheduledAt.getTime(), entry);
      if (guard === undefined) this.#extra().orphans.push({ entry, keeper: undefined });
    }
    this.startedSettlement.resolve();
  }

  #loadedAgain(stored: StoredJobState | undefined): void {
    const known = this.#state as JobState;
    if (stored === undefined && this.#deleting) {
      this.#finish('terminal');
      return;
    }
    this.#revision = stored?.revision;
    const unconfirmed = this.#unconfirmed;
    this.#unconfirmed = undefined;
    if (stored === undefined || isBehind(stored.state, known)) {
      this.#recordLost = true;
      return;
    }
    const restored = restore(this.#job, stored.state, this.#context.clock.now(), this.#context);
    this.#setState(restored.state);
    this.#reportRestored(restored, stored.state);
    if (unconfirmed?.isIn(restored.state)) unconfirmed.done();
    this.#reconcile(restored.state);
    this.#answerConfirmations(restored.state);
  }

  #answerConfirmations(state: JobState): void {
    for (const { entry, settlement } of this.#extras?.confirmations.splice(0) ?? []) {
      settlement.resolve(findEntry(state, entry) !== undefined);
    }
  }

  #reportRestored({ state, source, scheduleChanged }: Restored, previous: JobState | undefined): void {
    const { nextRunAt } = state;
    if (source === 'repaired') {
      this.#emit({ type: 'state_repaired', ...this.#stamp(), reason: 'missing_next_run', nextRunAt });
    }
    if (scheduleChanged) {
      this.#emit({
        type: 'schedule_changed',
        ...this.#stamp(),
        previousFingerprint: previous?.scheduleFingerprint ?? '',
        fingerprint: this.#job.schedule.fingerprint,
        previousNextRunAt: previous?.nextRunAt,
        nextRunAt,
      });
    }
  }

  #writeAgain(state: JobState): Change {
    return {
      next: state,
      isIn: () => false,
      done: () => {
        this.#recordLost = false;
        const { nextRunAt } = state;
        this.#emit({ type: 'state_repaired', ...this.#stamp(), reason: 'record_lost', nextRunAt });
        this.#answerConfirmations(state);
      },
    };
  }

  #setState(state: JobState): void {
    const before = this.#state;
    this.#state = state;
    if (before !== undefined && before.paused !== state.paused) {
      this.#emit({ type: state.paused ? 'paused' : 'resumed', ...this.#stamp(), scope: 'shared' });
    }
  }

  // ---- Waiting

  /** Reads the record again once a poll's time has gone by. */
  #poll(): void {
    const pollAt = this.#loadedAt + POLL_MS;
    if (this.#context.clock.monotonic() < pollAt) {
      this.#pollAt = pollAt;
      return;
    }
    this.#mustLoad = true;
    this.#stepAgain = true;
  }

  #setAlarm(): void {
    const at = this.#alarmTime();
    if (at === Number.POSITIVE_INFINITY) {
      this.#alarm?.stop();
      return;
    }
    this.#alarm ??= new Delay(this.#context.timers, () => this.#step());
    this.#alarm.startAt(at);
  }

  #alarmTime(): number {
    if (this.#isOver) return Number.POSITIVE_INFINITY;
    const now = this.#context.clock.monotonic();
    const stopAt = this.#stopping?.endsAt ?? Number.POSITIVE_INFINITY;
    if (this.#busy || this.#stopping !== undefined) return stopAt;
    if (this.#retryAt > now) return this.#retryAt;
    const paused = this.#state?.paused === true || this.#locallyPaused;
    const probeAt =
      this.#watcher === undefined || paused || !this.#mayProbe
        ? Number.POSITIVE_INFINITY
        : this.#watcher.dueAt(this.#mayOverlap);
    return Math.min(this.#pollAt, probeAt);
  }

  // ---- What is known

  get #isOver(): boolean {
    return this.#phase === 'stopped' || this.#phase === 'failed';
  }

  /** A job that was stopped only commits what ended after all. */
  get #mayWrite(): boolean {
    return !this.#isOver || (this.#phase === 'stopped' && (this.#extras?.commits.length ?? 0) > 0);
  }

  get #mayOverlap(): boolean {
    return this.#job.overlapPolicy === 'allow_parallel';
  }

  #situation(): Situation {
    const { clock, timezone, lateToleranceMs } = this.#context;
    const waiting = this.#countRuns((run) => run.stage === 'queued');
    const claimed = this.#countRuns((run) => run.stage !== 'ended') + this.#countForeign();
    const active = claimed - waiting;
    const queued = Math.max(waiting, claimed - 1, 0);
    const catchingUp = this.#state?.inFlight.some((entry) => entry.catchUp) === true;
    return {
      now: clock.now(),
      timezone,
      lateToleranceMs,
      active,
      catchingUp,
      queued,
      paused: this.#locallyPaused,
    };
  }

  #countRuns(counts: (run: Run) => boolean): number {
    const runs = this.#extras?.runs;
    if (runs === undefined || runs.size === 0) return 0;
    let count = 0;
    for (const run of runs.values()) if (counts(run)) count += 1;
    return count;
  }

  /** Entries of others that count for overlap: only a guard can tell whether their owners live. */
  #countForeign(): number {
    return this.#watcher?.size ?? 0;
  }

  #status(active: number): JobSnapshot['status'] {
    if (this.#isOver) return this.#phase === 'failed' ? 'failed' : 'stopped';
    if (this.#stopping !== undefined) return 'stopping';
    if (this.#phase === 'loading') return 'starting';
    if (active > 0) return 'running';
    return this.#locallyPaused || this.#state?.paused === true ? 'paused' : 'waiting';
  }

  #extra(): Extras {
    this.#extras ??= {
      runs: new Map(),
      commits: [],
      orphans: [],
      recovering: new Map(),
      triggers: [],
      pauses: [],
      confirmations: [],
    };
    return this.#extras;
  }

  #ownId(): string {
    this.#owner ??= this.#context.newOwner();
    return this.#owner;
  }

  #stoppedError(): JobStoppedError {
    return new JobStoppedError(
      this.#stopping?.reason === 'shutdown' ? 'ERR_SHUTDOWN' : 'ERR_CANCELLED',
      this.jobId,
    );
  }

  async #release(keeper: LeaseKeeper, outcome: 'completed' | 'abandoned'): Promise<void> {
    const { guard } = this.#context;
    if (guard !== undefined) await releaseLease(leaseContext(this.#context, guard), keeper, outcome);
  }

  // ---- Events

  #reportSkippedEntry(reason: SkipReason, entry: InFlightRun): void {
    this.#reportSkip(reason, { ...fieldsOf(entry), firstScheduledAt: entry.scheduledAt, count: 1 });
  }

  #reportSkip(reason: SkipReason, fields: Omit<RunSkippedEvent, 'type' | 'jobId' | 'at' | 'reason'>): void {
    this.#lastSkipReason = reason;
    this.#emit({ type: 'run_skipped', ...this.#stamp(), reason, ...fields });
  }

  #stamp(): { readonly jobId: string; readonly at: Date } {
    return { jobId: this.jobId, at: new Date(this.#context.clock.now()) };
  }

  #emit(event: SchedulerEvent): void {
    this.#context.emit(event);
  }
}

function fieldsOf({ scheduledAt, catchUp, triggerCount, manual = false }: InFlightRun) {
  return { scheduledAt, catchUp, triggerCount, manual };
}

/** A queued run waits for entries of others, so it must not keep them from being recovered. */
function hasBegun(run: Run): boolean {
  return run.stage !== 'queued';
}

function kindOf(error: unknown): SchedulerErrorKind {
  return isSchedulerError(error) ? error.kind : 'unknown';
}
