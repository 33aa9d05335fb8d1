import { ContractError, JobStoppedError } from '../errors.js';
import type { SkipReason, StopReason } from '../events.js';
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
  replaceEntry,
  type RunResult,
  takenOver,
} from '../policy/transitions.js';
import { withChanges } from '../policy/with-changes.js';
import type { Revision, SaveResult, StoredJobState, StoreEvent } from '../state-store.js';
import { backoffMs } from './backoff.js';
import { Delay, type EngineContext, withDeadline } from './engine-context.js';
import { EntryWatcher, type WatchListener } from './entry-watcher.js';
import { type Change, JobExtras, type Stopping } from './job-extras.js';
import { kindOf, occurrenceOf, type SkippedOccurrences } from './job-reporter.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { releaseLease } from './lease-release.js';
import type { JobReport, JobSnapshot, TriggerResult } from './report.js';
import { leaseContext, Run, type RunListener, type RunOutcome } from './run.js';
import { Settlement } from './settlement.js';
import type { TimerEntry } from './timer-queue.js';

/** How long tasks and the store may take to end after the signal was aborted. */
const ABORT_GRACE_MS = 1_000;
/** How many conflicts in a row are retried at once; after them with a pause. */
const CONFLICTS_AT_ONCE = 10;
/** How often an instance looks whether a shared pause, or a run that it waits for, has ended. */
const POLL_MS = 1_000;

/** What is read of a job that has no extras. */
const NO_EXTRAS: Readonly<JobExtras> = Object.freeze(new JobExtras());

/** What a job was found as, until it is saved and the job is ready. */
interface Loading {
  readonly restored: Restored;
  readonly previous: JobState | undefined;
}

/** When a job is ready and how it ends; made when somebody asks, or at the end. */
interface Settlements {
  readonly started: Settlement<void>;
  readonly finished: Settlement<JobReport>;
}

/**
 * The state machine of one job. Every input (a timer, an answer of the store, the end of a run, a call of
 * the handle) changes a field and calls `#step`, which carries out one thing at a time: while a call to
 * the store is under way, nothing else is decided.
 */
export class JobRunner implements TimerEntry, RunListener, WatchListener {
  dueAt = 0;
  heapIndex = -1;

  readonly #context: EngineContext;
  readonly #job: Job<never>;

  #phase: 'loading' | 'ready' | 'stopped' | 'failed' = 'loading';
  #state: JobState | undefined;
  #revision: Revision | undefined;
  #loading: Loading | undefined;
  #settlements: Settlements | undefined;
  #extras: JobExtras | undefined;

  #stepping = false;
  #stepAgain = false;
  /** A call to the store is under way. */
  #busy = false;
  #mustLoad = true;
  #locallyPaused = false;

  constructor(context: EngineContext, job: Job<never>) {
    this.#context = context;
    this.#job = job;
  }

  get jobId(): string {
    return this.#job.id;
  }

  /** Settles when the job is ready, or why it never will be. */
  get started(): Promise<void> {
    const { started } = this.#settle();
    if (this.#phase === 'ready') started.resolve();
    return started.promise;
  }

  /** Settles at the end of the job. */
  get finished(): Promise<JobReport> {
    return this.#settle().finished.promise;
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
    this.#context.jobReporter.paused(this.jobId, 'local');
    this.#step();
  }

  resumeLocally(): void {
    if (!this.#locallyPaused || this.#isOver) return;
    this.#locallyPaused = false;
    this.#context.jobReporter.resumed(this.jobId, 'local');
    this.#step();
  }

  setSharedPause(paused: boolean): Promise<void> {
    const settlement = new Settlement<void>();
    if (this.#isOver || this.#known.stopping !== undefined) settlement.reject(this.#stoppedError());
    else this.#extra().pauses.push({ paused, fresh: !this.#context.store.shared, settlement });
    this.#step();
    return settlement.promise;
  }

  trigger(): Promise<TriggerResult> {
    const settlement = new Settlement<TriggerResult>();
    if (this.#isOver || this.#known.stopping !== undefined) settlement.reject(this.#stoppedError());
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
    if (event.type === 'degraded') this.#extra().storeDegraded = true;
    if (event.type === 'recovered') this.#extra().storeDegraded = false;
    this.#context.jobReporter.storeEvent(this.jobId, event);
  }

  snapshot(): JobSnapshot {
    const active = this.#countRuns((run) => run.isActive);
    return {
      jobId: this.jobId,
      status: this.#status(active),
      nextRunAt: this.#state?.nextRunAt && new Date(this.#state.nextRunAt),
      active,
      queued: this.#countRuns((run) => run.stage === 'queued'),
      degraded: this.#known.storeDegraded || this.#known.storeFailures > 0 || this.#known.guardDegraded,
      triggerCount: this.#state?.triggerCount ?? 0,
    };
  }

  // ---- What a run tells

  guardHealth(error: unknown): void {
    const degraded = error !== undefined;
    if (degraded === this.#known.guardDegraded || this.#isOver) return;
    this.#extra().guardDegraded = degraded;
    if (degraded) this.#context.jobReporter.guardDegraded(this.jobId, 'unavailable', error);
    else this.#context.jobReporter.guardRecovered(this.jobId);
  }

  confirmEntry({ entry }: Run): Promise<boolean> {
    const settlement = new Settlement<boolean>();
    this.#extra().confirmations.push({ entry, settlement });
    this.#mustLoad = true;
    this.#step();
    return settlement.promise;
  }

  runStarted(run: Run, startedAt: number, lease: ExecutionLease | undefined): void {
    if (lease !== undefined) this.#known.watcher?.sawLease(lease.ttlMs);
    this.#context.jobReporter.runStarted(this.jobId, run.entry, startedAt, lease);
  }

  runCompleted({ entry }: Run, result: RunResult, error: unknown): void {
    const record = this.#context.jobReporter.runCompleted(this.jobId, entry, result, error);
    const { history } = this.#extra();
    history.push(record);
    if (history.length > this.#context.historyLimit) history.shift();
  }

  // ---- What a probe tells

  ownerGone(entry: InFlightRun, keeper: LeaseKeeper): void {
    if (this.#isOver || this.#known.stopping !== undefined) void this.#release(keeper, 'abandoned');
    else this.#extra().orphans.push({ entry, keeper });
    this.#step();
  }

  ownerAlive(): void {
    // The owner of the oldest entry lives, so this instance has nothing to recover before it plans.
    this.#known.recovering.clear();
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
    if (this.#extras !== undefined) this.#extras.pollAt = Number.POSITIVE_INFINITY;
    if (!this.#isOver && this.#known.stopping !== undefined && this.#advanceStop(this.#known.stopping))
      return;
    if (!this.#busy && this.#mayWrite && this.#context.clock.monotonic() >= this.#known.retryAt) {
      if (this.#context.turn.isSpent()) this.#extra().pollAt = this.#context.clock.monotonic();
      else if (this.#mustLoad) this.#load();
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
    if (this.#known.recordLost) return this.#writeAgain(state);
    const ended = this.#commitEnded(state);
    if (ended !== undefined) return ended;
    if (this.#isOver || this.#known.stopping !== undefined) return undefined;
    const pause = this.#nextPause(state);
    if (pause !== undefined) return pause;
    if (state.paused || this.#locallyPaused) {
      this.#skipTriggers('paused');
      if (state.nextRunAt === undefined) this.#finishTerminal();
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
          this.#extra().coalesced += decision.stretch.count;
        });
      case 'skip':
        return this.#consume(state, decision.stretch, (triggerCount) => {
          const { first, last, count } = decision.stretch;
          const catchUp = decision.catchUp || this.#known.coalesced > 0;
          this.#reportSkip(decision.reason, {
            scheduledAt: new Date(last),
            firstScheduledAt: new Date(first),
            count: count + this.#known.coalesced,
            triggerCount,
            catchUp,
            manual: false,
          });
          this.#extra().coalesced = 0;
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
      catchUp: decision.catchUp || this.#known.coalesced > 0,
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
      claimed: entry,
      isIn: (now) => findEntry(now, entry) !== undefined,
      done: () => {
        const count = coalesced + (entry.manual === true ? 0 : this.#known.coalesced);
        this.#context.jobReporter.triggerEmitted(this.jobId, entry, count, queued);
        if (entry.manual !== true) this.#extra().coalesced = 0;
        this.#addRun(entry, queued, claimedAt);
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
        this.#extra().commits.push({
          entry,
          apply: (state) => commit(state, entry, outcome.result),
          isIn: (state) => findEntry(state, entry) === undefined,
          done: () => {},
        });
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
          this.#reportSkip('contended', occurrenceOf(entry));
        } else this.#commitWithoutRun(entry, 'contended');
        return;
      case 'abandoned':
        if (this.#known.stopping === undefined) this.#relinquish(run);
        else this.#handBack(entry);
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
    if (this.#state === undefined || this.#isOver) return;
    const { watcher } = this.#known;
    this.#watch(this.#state.inFlight.filter((entry) => watcher?.has(entry) || isSameEntry(entry, run.entry)));
  }

  /** Takes an entry out of the record though it did not run here. */
  #commitWithoutRun(entry: InFlightRun, reason: SkipReason): void {
    this.#extra().commits.push({
      entry,
      apply: (state) => commit(state, entry, undefined),
      isIn: (state) => findEntry(state, entry) === undefined,
      done: () => this.#reportSkip(reason, occurrenceOf(entry)),
    });
  }

  /** Leaves an entry whose run never began to the next start, or to another instance. */
  #handBack(entry: InFlightRun): void {
    const handedBack = { ...entry, handedBack: true };
    this.#extra().commits.push({
      entry,
      apply: (state) => replaceEntry(state, entry, handedBack),
      isIn: (state) => (findEntry(state, entry) ?? handedBack).handedBack === true,
      done: () => {},
    });
  }

  #commitEnded(state: JobState): Change | undefined {
    const commits = this.#known.commits;
    if (commits.length === 0) return undefined;
    const ended = [...commits];
    const next = ended.reduce(
      (before, one) => (findEntry(before, one.entry) === undefined ? before : one.apply(before)),
      state,
    );
    const done = (): void => {
      commits.splice(0, ended.length);
      for (const one of ended) {
        const key = one.entry.scheduledAt.getTime();
        const run = this.#known.runs.get(key);
        if (run !== undefined && isSameEntry(run.entry, one.entry)) this.#known.runs.delete(key);
        this.#known.recovering.delete(key);
        one.done();
      }
    };
    if (next === state) {
      done();
      this.#stepAgain = true;
      return undefined;
    }
    return { next, isIn: (now) => ended.every((one) => one.isIn(now)), done };
  }

  /** Starts the queued run once nothing that counts for overlap is in front of it. */
  #promoteQueued(state: JobState): boolean {
    const runs = this.#known.runs;
    if (runs.size === 0) return false;
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
    const orphans = this.#known.orphans;
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
    const givenUp = interruptedRunPolicy === 'skip' || entry.attempt > maxInterruptedReruns;
    if (givenUp && found.handedBack !== true) {
      return {
        next: commit(state, entry, undefined),
        isIn: (now) => findEntry(now, entry) === undefined,
        done: () => {
          orphans.shift();
          this.#known.recovering.delete(key);
          this.#reportSkip('interrupted', occurrenceOf(entry));
          if (keeper !== undefined) void this.#release(keeper, 'completed');
        },
      };
    }
    const claimedAt = this.#context.clock.monotonic();
    const taken = takenOver(found, this.#ownId());
    return {
      next: replaceEntry(state, entry, taken),
      claimed: taken,
      isIn: (now) => findEntry(now, taken) !== undefined,
      done: () => {
        orphans.shift();
        this.#addRun(taken, false, claimedAt, keeper);
      },
    };
  }

  /** Watches just these entries from now on, if there is a guard to ask. */
  #watch(entries: readonly InFlightRun[], probeAt?: number): void {
    const { guard } = this.#context;
    if (guard === undefined || (entries.length === 0 && this.#known.watcher === undefined)) return;
    const extras = this.#extra();
    extras.watcher ??= new EntryWatcher(this.#context, guard, this.#job, this);
    extras.watcher.update(entries, probeAt ?? extras.watcher.nextProbeAt());
  }

  /** Asks for the lease of a watched entry when it is due, after making sure that it is still the same. */
  #probe(): void {
    const watcher = this.#known.watcher;
    if (watcher === undefined || !this.#mayProbe) return;
    const probeAt = watcher.dueAt(this.#mayOverlap);
    if (probeAt > this.#context.clock.monotonic()) return;
    if (this.#known.loadedAt < probeAt) {
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
    const headIsForeign = head !== undefined && this.#known.watcher?.has(head) === true;
    return headIsForeign && this.#countRuns(hasBegun) + this.#known.orphans.length === 0;
  }

  /** Brings what is known of runs and entries in line with a state that was just read or written. */
  #reconcile(state: JobState): void {
    const foreign: InFlightRun[] = [];
    for (const entry of state.inFlight) {
      const { runs, owner, watcher } = this.#known;
      const run = runs.get(entry.scheduledAt.getTime());
      if (run !== undefined && isSameEntry(run.entry, entry)) continue;
      // A claim whose answer was lost: what is found under this instance's own id is its own.
      if (entry.owner === owner && run === undefined && !watcher?.has(entry)) this.#adopt(entry);
      else foreign.push(entry);
    }
    this.#watch(foreign);
    const { recovering, runs } = this.#known;
    for (const [key, entry] of recovering) {
      if (findEntry(state, entry) === undefined && !runs.has(key)) recovering.delete(key);
    }
  }

  #adopt(entry: InFlightRun): void {
    const stopped = this.#isOver || this.#known.stopping !== undefined;
    if (!stopped)
      this.#addRun(entry, !this.#mayOverlap && this.#countRuns(() => true) > 0, Number.NEGATIVE_INFINITY);
  }

  // ---- Control

  #nextPause(state: JobState): Change | undefined {
    const pauses = this.#known.pauses;
    const request = pauses[0];
    if (request === undefined) return undefined;
    const { paused, settlement } = request;
    const done = (): void => {
      pauses.shift();
      settlement.resolve();
    };
    if (state.paused !== paused) {
      const isIn = (now: JobState): boolean => now.paused === paused;
      return { next: withChanges(state, { paused }), isIn, done };
    }
    if (!request.fresh) {
      request.fresh = true;
      this.#mustLoad = true;
    } else done();
    this.#stepAgain = true;
    return undefined;
  }

  #nextTrigger(state: JobState): Change | undefined {
    const triggers = this.#known.triggers;
    const settlement = triggers[0];
    if (settlement === undefined) return undefined;
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
        this.#extra().lastManualAt = scheduledAt.getTime();
        change.done();
        settlement.resolve({ status: 'triggered', scheduledAt: new Date(scheduledAt), queued });
      },
    };
  }

  /**
   * An occurrence that no other shares: now, or the nearest free instant. A guard remembers the occurrences
   * that were completed, so with one an instant after the last that was given away.
   */
  #freeInstant(state: JobState): Date {
    const taken = new Set(state.inFlight.map((entry) => entry.scheduledAt.getTime()));
    if (state.nextRunAt !== undefined) taken.add(state.nextRunAt.getTime());
    if (state.lastScheduledAt !== undefined) taken.add(state.lastScheduledAt.getTime());
    const now = this.#context.clock.now();
    const guarded = this.#context.guard !== undefined;
    const step = guarded ? 1 : -1;
    let instant = guarded ? Math.max(now, this.#known.lastManualAt + 1) : now;
    while (taken.has(instant)) instant += step;
    return new Date(instant);
  }

  #skipTriggers(reason: SkipReason): void {
    const triggers = this.#known.triggers.splice(0);
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
    const { stopping } = this.#known;
    if (stopping === undefined) {
      this.#extra().stopping = { reason, endsAt, aborted: false };
      for (const run of this.#known.runs.values()) if (run.stage === 'queued') this.#handBack(run.entry);
    } else if (!stopping.aborted) {
      stopping.endsAt = Math.min(stopping.endsAt, endsAt);
      if (reason === 'cancelled') stopping.reason = reason;
    }
    this.#context.timers.removeWall(this);
    this.#step();
  }

  /** Returns whether the job came to its end. */
  #advanceStop(stopping: Stopping): boolean {
    const now = this.#context.clock.monotonic();
    const graceIsOver = now >= stopping.endsAt;
    if (graceIsOver && stopping.aborted) return this.#finish(stopping.reason);
    for (const run of this.#known.runs.values()) {
      if (graceIsOver || run.isWaitingForLease) run.abort(this.#stoppedError());
    }
    if (graceIsOver) {
      stopping.aborted = true;
      stopping.endsAt = now + ABORT_GRACE_MS;
    }
    const unsettled = this.#countRuns((run) => run.isActive) + this.#known.commits.length;
    const claiming = this.#busy && this.#phase === 'ready' && stopping.reason === 'shutdown';
    return unsettled === 0 && !claiming ? this.#finish(stopping.reason) : false;
  }

  #finishTerminal(): void {
    if (this.#countRuns(() => true) > 0 || this.#known.orphans.length > 0) return;
    if ((this.#known.watcher?.size ?? 0) > 0) return;
    if (this.#context.terminalStatePolicy === 'retain') {
      this.#finish('terminal');
      return;
    }
    this.#extra().deleting = true;
    this.#callStore(
      'store.delete',
      () => this.#context.store.delete(this.jobId),
      () => {
        if (this.#isOver) return;
        this.#context.jobReporter.terminalStateDeleted(this.jobId);
        this.#finish('terminal');
      },
    );
  }

  #finish(reason: Exclude<StopReason, 'failed'>): true {
    const { started, finished } = this.#settle();
    if (this.#phase === 'loading') started.reject(this.#stoppedError());
    else started.resolve();
    this.#phase = 'stopped';
    this.#letGo(() => this.#stoppedError());
    this.#context.jobReporter.stopped(this.jobId, reason);
    finished.resolve({
      jobId: this.jobId,
      state: this.#state ?? { jobId: this.jobId, triggerCount: 0, paused: false, inFlight: [] },
      history: this.#known.history,
      lastSkipReason: this.#known.lastSkipReason,
      stopReason: reason,
    });
    this.#context.jobEnded(this);
    return true;
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const { started, finished } = this.#settle();
    if (this.#phase === 'loading') started.reject(error);
    else started.resolve();
    this.#phase = 'failed';
    this.#letGo(() => error);
    this.#context.jobReporter.failed(this.jobId, error);
    finished.reject(error);
    this.#context.jobEnded(this);
  }

  /** Ends everything that waits. A task that does not end is left alone, and its lease runs out. */
  #letGo(makeError: () => unknown): void {
    this.#context.timers.removeWall(this);
    const extras = this.#extras;
    if (extras === undefined) return;
    extras.alarm?.stop();
    extras.watcher?.update([], 0);
    for (const run of extras.runs.values()) {
      run.abort(makeError());
      run.forsake();
    }
    for (const { keeper } of extras.orphans.splice(0)) {
      if (keeper !== undefined) void this.#release(keeper, 'abandoned');
    }
    for (const { settlement } of extras.confirmations.splice(0)) settlement.resolve(false);
    for (const settlement of extras.triggers.splice(0)) settlement.reject(makeError());
    for (const { settlement } of extras.pauses.splice(0)) settlement.reject(makeError());
  }

  // ---- The store

  #load(): void {
    this.#callStore(
      'store.load',
      () => this.#context.store.load(this.jobId),
      (stored) => {
        if (!this.#mayWrite) return;
        this.#mustLoad = false;
        if (this.#extras !== undefined) this.#extras.loadedAt = this.#context.clock.monotonic();
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
        if (this.#isOver && change.claimed !== undefined) {
          if (answer.status === 'saved') this.#claimedTooLate(change, change.claimed, answer.revision);
        } else if (!this.#mayWrite) return;
        else if (answer.status === 'saved') {
          if (this.#extras !== undefined) this.#extras.conflicts = 0;
          this.#revision = answer.revision;
          this.#setState(change.next);
          change.done();
          this.#reconcile(change.next);
        } else if (answer.status === 'conflict') {
          const extras = this.#extra();
          // A store may have sent a save again after a lost answer, and met its own first try.
          if (change.claimed !== undefined) extras.unconfirmed = change;
          extras.conflicts += 1;
          const surplus = extras.conflicts - CONFLICTS_AT_ONCE;
          if (surplus >= 0)
            extras.retryAt = this.#context.clock.monotonic() + backoffMs(surplus, this.#context.random);
          this.#mustLoad = true;
        } else throw new ContractError('store.save', answer, "a status 'saved' or 'conflict'");
      },
      () => {
        this.#extra().unconfirmed = change;
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
          this.#storeAnswered(what);
          try {
            answered(answer);
          } catch (error) {
            this.#fail(error);
          }
        },
        (error: unknown) => {
          this.#busy = false;
          failed?.();
          this.#storeFailed(what, error);
        },
      )
      .then(() => this.#step());
  }

  /** The job was cancelled while the claim was on its way. */
  #claimedTooLate(change: Change, entry: InFlightRun, revision: Revision): void {
    this.#revision = revision;
    this.#state = change.next;
    this.#handBack(entry);
  }

  #storeAnswered(what: string): void {
    if (this.#isOver) return;
    if (this.#known.storeFailures === 0 || this.#known.failedCall !== what) return;
    this.#extra().storeFailures = 0;
    this.#extra().failedCall = undefined;
    this.#extra().retryAt = Number.NEGATIVE_INFINITY;
    this.#context.jobReporter.storeRecovered(this.jobId);
  }

  #storeFailed(what: string, error: unknown): void {
    if (this.#isOver) {
      this.#known.commits.splice(0);
      return;
    }
    const kind = kindOf(error);
    if (kind === 'data' || kind === 'denied' || this.#context.onStoreUnavailable === 'fail') {
      this.#fail(error);
      return;
    }
    const extras = this.#extra();
    if (extras.storeFailures === 0) this.#context.jobReporter.storeDegraded(this.jobId, error);
    extras.retryAt = this.#context.clock.monotonic() + backoffMs(extras.storeFailures, this.#context.random);
    extras.storeFailures += 1;
    if (extras.failedCall === undefined || what !== 'store.load') extras.failedCall = what;
    this.#mustLoad = true;
  }

  #firstLoaded(stored: StoredJobState | undefined): void {
    this.#revision = stored?.revision;
    const restored = restore(this.#job, stored?.state, this.#context.clock.now(), this.#context);
    const previous = stored?.state;
    if (restored.source === 'restored' && !restored.scheduleChanged) this.#ready({ restored, previous });
    else this.#loading = { restored, previous };
  }

  /** A state that is new or was changed is saved before the job is ready. */
  #beginState(): Change | undefined {
    const loading = this.#loading as Loading;
    return {
      next: loading.restored.state,
      isIn: () => false,
      done: () => this.#ready(loading),
    };
  }

  #ready({ restored, previous }: Loading): void {
    const { state } = restored;
    this.#phase = 'ready';
    this.#loading = undefined;
    this.#state = state;
    const { inFlight } = state;
    this.#context.jobReporter.stateLoaded(this.jobId, restored);
    this.#context.jobReporter.restored(this.jobId, restored, previous);
    if (state.paused) this.#context.jobReporter.paused(this.jobId, 'shared');
    const { guard, store } = this.#context;
    this.#watch(inFlight, Number.NEGATIVE_INFINITY);
    if (guard === undefined && store.shared) {
      this.#context.jobReporter.guardDegraded(this.jobId, 'shared_store_without_guard');
    }
    for (const entry of inFlight) {
      this.#extra().recovering.set(entry.scheduledAt.getTime(), entry);
      if (guard === undefined) this.#extra().orphans.push({ entry, keeper: undefined });
    }
    this.#settlements?.started.resolve();
  }

  #loadedAgain(stored: StoredJobState | undefined): void {
    const known = this.#state as JobState;
    if (stored === undefined && this.#known.deleting) {
      this.#finish('terminal');
      return;
    }
    this.#revision = stored?.revision;
    const unconfirmed = this.#known.unconfirmed;
    this.#extra().unconfirmed = undefined;
    if (stored === undefined || isBehind(stored.state, known)) {
      this.#extra().recordLost = true;
      return;
    }
    const restored = restore(this.#job, stored.state, this.#context.clock.now(), this.#context);
    this.#setState(restored.state);
    this.#context.jobReporter.restored(this.jobId, restored, stored.state);
    if (unconfirmed?.isIn(restored.state)) {
      this.#storeAnswered('store.save');
      unconfirmed.done();
    }
    this.#reconcile(restored.state);
    this.#answerConfirmations(restored.state);
  }

  #answerConfirmations(state: JobState): void {
    for (const { entry, settlement } of this.#known.confirmations.splice(0)) {
      settlement.resolve(findEntry(state, entry) !== undefined);
    }
  }

  #writeAgain(state: JobState): Change {
    return {
      next: state,
      isIn: () => false,
      done: () => {
        this.#extra().recordLost = false;
        this.#context.jobReporter.stateRepaired(this.jobId, 'record_lost', state.nextRunAt);
        this.#answerConfirmations(state);
      },
    };
  }

  #setState(state: JobState): void {
    const before = this.#state;
    this.#state = state;
    if (before !== undefined && before.paused !== state.paused) {
      if (state.paused) this.#context.jobReporter.paused(this.jobId, 'shared');
      else this.#context.jobReporter.resumed(this.jobId, 'shared');
    }
  }

  // ---- Waiting

  /** Reads the record again once a poll's time has gone by. */
  #poll(): void {
    const extras = this.#extra();
    const pollAt = extras.loadedAt + POLL_MS;
    if (this.#context.clock.monotonic() < pollAt) {
      extras.pollAt = pollAt;
      return;
    }
    this.#mustLoad = true;
    this.#stepAgain = true;
  }

  #setAlarm(): void {
    const at = this.#alarmTime();
    if (at === Number.POSITIVE_INFINITY) {
      this.#known.alarm?.stop();
      return;
    }
    const extras = this.#extra();
    extras.alarm ??= new Delay(this.#context.timers, () => this.#step());
    extras.alarm.startAt(at);
  }

  #alarmTime(): number {
    if (this.#isOver) return Number.POSITIVE_INFINITY;
    const now = this.#context.clock.monotonic();
    const stopAt = this.#known.stopping?.endsAt ?? Number.POSITIVE_INFINITY;
    if (this.#busy || this.#known.stopping !== undefined) return stopAt;
    if (this.#known.retryAt > now) return this.#known.retryAt;
    const paused = this.#state?.paused === true || this.#locallyPaused;
    const probeAt =
      this.#known.watcher === undefined || paused || !this.#mayProbe
        ? Number.POSITIVE_INFINITY
        : this.#known.watcher.dueAt(this.#mayOverlap);
    return Math.min(this.#known.pollAt, probeAt);
  }

  // ---- What is known

  get #isOver(): boolean {
    return this.#phase === 'stopped' || this.#phase === 'failed';
  }

  /** A job that was stopped only commits what ended after all. */
  get #mayWrite(): boolean {
    return !this.#isOver || (this.#phase === 'stopped' && this.#known.commits.length > 0);
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
    const runs = this.#known.runs;
    if (runs.size === 0) return 0;
    let count = 0;
    for (const run of runs.values()) if (counts(run)) count += 1;
    return count;
  }

  /** Entries of others that count for overlap: only a guard can tell whether their owners live. */
  #countForeign(): number {
    return this.#known.watcher?.size ?? 0;
  }

  #status(active: number): JobSnapshot['status'] {
    if (this.#isOver) return this.#phase === 'failed' ? 'failed' : 'stopped';
    if (this.#known.stopping !== undefined) return 'stopping';
    if (this.#phase === 'loading') return 'starting';
    if (active > 0) return 'running';
    return this.#locallyPaused || this.#state?.paused === true ? 'paused' : 'waiting';
  }

  /** The extras to read from. */
  get #known(): Readonly<JobExtras> {
    return this.#extras ?? NO_EXTRAS;
  }

  /** The extras to write to. */
  #extra(): JobExtras {
    this.#extras ??= new JobExtras();
    return this.#extras;
  }

  #settle(): Settlements {
    this.#settlements ??= { started: new Settlement(), finished: new Settlement() };
    return this.#settlements;
  }

  #ownId(): string {
    const extras = this.#extra();
    extras.owner ??= this.#context.newOwner();
    return extras.owner;
  }

  #stoppedError(): JobStoppedError {
    const { stopping } = this.#known;
    if (stopping === undefined) return new JobStoppedError('ERR_JOB_ENDED', this.jobId);
    return new JobStoppedError(stopping.reason === 'shutdown' ? 'ERR_SHUTDOWN' : 'ERR_CANCELLED', this.jobId);
  }

  async #release(keeper: LeaseKeeper, outcome: 'completed' | 'abandoned'): Promise<void> {
    const { guard } = this.#context;
    if (guard !== undefined) await releaseLease(leaseContext(this.#context, guard), keeper, outcome);
  }

  // ---- Events

  #reportSkip(reason: SkipReason, occurrences: SkippedOccurrences): void {
    this.#extra().lastSkipReason = reason;
    this.#context.jobReporter.runSkipped(this.jobId, reason, occurrences);
  }
}

/** A queued run waits for entries of others, so it must not keep them from being recovered. */
function hasBegun(run: Run): boolean {
  return run.stage !== 'queued';
}
