import { JobStoppedError } from '../errors.js';
import type { SkipReason, StopReason } from '../events.js';
import type { ExecutionLease } from '../execution-guard.js';
import type { Job } from '../job.js';
import type { InFlightRun, JobState } from '../job-state.js';
import { mayBeExhausted } from '../policy/exhausted.js';
import { type Decision, plan, type Situation } from '../policy/plan.js';
import { isBehind, type Restored, restore } from '../policy/restore.js';
import type { StoredJobState, StoreEvent } from '../state-store.js';
import type { Change } from './change.js';
import { ClaimedRuns, type RunsListener } from './claimed-runs.js';
import { Confirmations } from './confirmations.js';
import { Delay, type EngineContext } from './engine-context.js';
import { JobExtras } from './job-extras.js';
import { JobRecord, type RecordListener } from './job-record.js';
import { occurrenceOf, type SkippedOccurrences } from './job-reporter.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { Occurrences, type OccurrencesListener } from './occurrences.js';
import { Recovery, type RecoveryListener } from './recovery.js';
import type { JobReport, JobSnapshot, TriggerResult } from './report.js';
import { Requests, type RequestsListener } from './requests.js';
import { Settlement } from './settlement.js';
import { Stopping, type StoppedBy } from './stopping.js';
import { NEXT_TURN, type TimerEntry } from './timer-queue.js';

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
 * the handle) changes a field and calls {@link JobRunner.step}, which carries out one thing at a time: while
 * a call to the store is under way, nothing else is decided.
 */
export class JobRunner
  implements TimerEntry, RecordListener, OccurrencesListener, RequestsListener, RunsListener, RecoveryListener
{
  dueAt = 0;
  heapIndex = -1;

  readonly #context: EngineContext;
  readonly #job: Job<never>;
  readonly #record: JobRecord;

  #phase: 'loading' | 'ready' | 'stopped' | 'failed' = 'loading';
  #loading: Loading | undefined;
  #settlements: Settlements | undefined;
  #extras: JobExtras | undefined;

  #stepping = false;
  #stepAgain = false;
  #locallyPaused = false;

  constructor(context: EngineContext, job: Job<never>) {
    this.#context = context;
    this.#job = job;
    this.#record = new JobRecord(context, this);
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

  // ---- What the handle asks for

  start(): void {
    this.step();
  }

  pauseLocally(): void {
    if (this.#locallyPaused || this.isOver) return;
    this.#locallyPaused = true;
    this.#context.jobReporter.paused(this.jobId, 'local');
    this.step();
  }

  resumeLocally(): void {
    if (!this.#locallyPaused || this.isOver) return;
    this.#locallyPaused = false;
    this.#context.jobReporter.resumed(this.jobId, 'local');
    this.step();
  }

  setSharedPause(paused: boolean): Promise<void> {
    if (this.isStopping) return this.#refused();
    const made = this.#requests().setPause(paused, !this.#context.store.shared);
    this.step();
    return made;
  }

  /** Ends what this instance paused: locally, and in the record if it asked for that. */
  resume(): Promise<void> {
    const pausedAll = this.#known.requests?.pauses === true;
    this.resumeLocally();
    return pausedAll ? this.setSharedPause(false) : Promise.resolve();
  }

  trigger(): Promise<TriggerResult> {
    if (this.isStopping) return this.#refused();
    const result = this.#requests().trigger();
    this.step();
    return result;
  }

  cancel(): void {
    this.#stop('cancelled', 0);
  }

  shutdown(graceMs: number): void {
    this.#stop('shutdown', graceMs);
  }

  snapshot(): JobSnapshot {
    const state = this.#record.peek();
    const active = this.#known.runs?.active ?? 0;
    return {
      jobId: this.jobId,
      status: this.#status(active),
      nextRunAt: state?.nextRunAt && new Date(state.nextRunAt),
      active,
      queued: this.#known.runs?.queued ?? 0,
      degraded: this.#isDegraded,
      triggerCount: state?.triggerCount ?? 0,
    };
  }

  // ---- What the timer, the store and the guard tell

  onDue(): void {
    this.step();
  }

  storeEvent(event: StoreEvent): void {
    if (this.isOver) return;
    if (event.type === 'degraded' && event.jobId !== undefined) this.#extra().storeDegraded = true;
    if (event.type === 'recovered' && this.#extras !== undefined) this.#extras.storeDegraded = false;
    this.#context.jobReporter.storeEvent(this.jobId, event);
  }

  guardHealth(error: unknown): void {
    const degraded = error !== undefined;
    if (degraded === this.#known.guardDegraded || this.isOver) return;
    this.#extra().guardDegraded = degraded;
    if (degraded) this.#context.jobReporter.guardDegraded(this.jobId, 'unavailable', error);
    else this.#context.jobReporter.guardRecovered(this.jobId);
  }

  // ---- The machine

  step(): void {
    if (this.#stepping) {
      this.#stepAgain = true;
      return;
    }
    this.#stepping = true;
    try {
      do {
        this.#stepAgain = false;
        try {
          this.#advance();
        } catch (error) {
          this.#fail(error);
        }
      } while (this.#stepAgain);
    } finally {
      this.#stepping = false;
    }
  }

  #advance(): void {
    if (this.#extras !== undefined) this.#extras.pollAt = Number.POSITIVE_INFINITY;
    if (!this.isOver && this.#known.stopping !== undefined) this.#advanceStop(this.#known.stopping);
    if (!this.#record.isBusy && this.mayWrite && !this.#record.isPausing) {
      if (this.#context.turn.isSpent()) this.#context.timers.setWall(this, NEXT_TURN);
      else if (this.#record.isStale) this.#record.load();
      else {
        const change = this.#nextChange();
        if (change !== undefined) this.#record.save(change);
      }
    }
    this.#setAlarm();
  }

  /** What has to be written next, if anything; starts what needs no writing on the way. */
  #nextChange(): Change | undefined {
    if (this.#phase === 'loading') return this.#beginState();
    const state = this.#record.state as JobState;
    const { runs, recovery, requests } = this.#known;
    if (this.#known.recordLost) return this.#writeAgain(state);
    const ended = runs?.nextChange(state);
    if (ended === 'settled') this.#stepAgain = true;
    else if (ended !== undefined) return ended;
    if (this.#stepAgain || this.isStopping) return undefined;
    const pause = requests?.nextPause(state);
    if (pause !== undefined) return pause;
    if (state.paused || this.#locallyPaused) {
      requests?.skipTriggers('paused', this.#context.clock.now(), state.triggerCount);
      recovery?.giveBack();
      if (state.nextRunAt === undefined) this.#finishTerminal();
      const waits = state.paused || state.nextRunAt === undefined;
      if (waits && !this.isOver && !this.#known.removing && this.#context.store.shared) this.#poll();
      return undefined;
    }
    const takeover = recovery?.nextChange(state);
    if (takeover !== undefined) return takeover;
    recovery?.probe(state);
    if (this.#promoteQueued(state)) return undefined;
    const trigger = requests?.nextTrigger(state, this.#situation(), this.#occurrences());
    if (trigger !== undefined) return trigger;
    if (recovery?.comesFirst(state) === true) {
      if (recovery.foreign > 0) this.#poll();
      return undefined;
    }
    return this.#carryOut(plan(this.#job, state, this.#situation()), state);
  }

  #carryOut(decision: Decision, state: JobState): Change | undefined {
    this.#known.occurrences?.endDropBefore(decision);
    switch (decision.kind) {
      case 'wait':
        this.#context.timers.setWall(this, decision.until);
        this.#record.rest();
        return undefined;
      case 'terminal':
        this.#finishTerminal();
        return undefined;
      case 'paused':
        return undefined;
      case 'hold':
        if (this.#foreignEntries > 0) this.#poll();
        return undefined;
      case 'coalesce':
      case 'skip':
      case 'trigger':
        return this.#occurrences().change(decision, state);
    }
  }

  /** Starts the queued run once nothing that counts for overlap is in front of it. */
  #promoteQueued(state: JobState): boolean {
    const queued = this.#known.runs?.nextQueued();
    if (queued === undefined) return false;
    const isHead =
      this.#context.leases === undefined || this.#known.runs?.has(state.inFlight[0] ?? queued.entry);
    if (isHead === true) this.#runs().beginQueued(queued);
    else this.#poll();
    return isHead === true;
  }

  // ---- The end

  #stop(reason: StoppedBy, graceMs: number): void {
    if (this.isOver) return;
    const endsAt = this.#context.clock.monotonic() + graceMs;
    const { stopping } = this.#known;
    if (stopping === undefined) {
      this.#extra().stopping = new Stopping(reason, endsAt);
      this.#known.runs?.handBackQueued();
      this.#known.recovery?.stop();
    } else stopping.hasten(reason, endsAt);
    this.#context.timers.removeWall(this);
    this.step();
  }

  #advanceStop(stopping: Stopping): void {
    const { runs, recovery } = this.#known;
    const next = stopping.next(this.#context.clock.monotonic());
    if (next === 'leave_alone') {
      this.#finish(stopping.reason);
      return;
    }
    if (next === 'abort') runs?.abort(this.#stoppedError());
    const unsettled = runs === undefined ? 0 : runs.active + runs.uncommitted;
    const claiming = this.#record.isBusy && this.#phase === 'ready' && stopping.reason === 'shutdown';
    if (unsettled === 0 && !claiming && recovery?.isBusy !== true) this.#finish(stopping.reason);
  }

  #finishTerminal(): void {
    const { runs, recovery } = this.#known;
    if ((runs?.size ?? 0) > 0 || recovery?.hasOrphans === true) return;
    if (this.#foreignEntries > 0) {
      this.#poll();
      return;
    }
    if (this.#context.terminalStatePolicy === 'retain') {
      this.#finish('terminal');
      return;
    }
    if ((this.#record.state?.inFlight.length ?? 0) > 0) {
      // Without a guard nobody tells when a run of another instance ends; who ends last removes the record.
      this.#finish('terminal');
      return;
    }
    this.#extra().removing = true;
    this.#record.remove();
  }

  #finish(reason: Exclude<StopReason, 'failed'>): void {
    const { started, finished } = this.#settle();
    if (this.#phase === 'loading') started.reject(this.#stoppedError());
    else started.resolve();
    this.#phase = 'stopped';
    this.#letGo(() => this.#stoppedError());
    this.#context.jobEnded(this);
    this.#context.jobReporter.stopped(this.jobId, reason);
    finished.resolve({
      jobId: this.jobId,
      state: this.#record.state ?? { jobId: this.jobId, triggerCount: 0, paused: false, inFlight: [] },
      history: this.#known.runs?.history ?? [],
      lastSkipReason: this.#known.lastSkipReason,
      stopReason: reason,
    });
  }

  #fail(error: unknown): void {
    if (this.isOver) return;
    const { started, finished } = this.#settle();
    if (this.#phase === 'loading') started.reject(error);
    else started.resolve();
    this.#phase = 'failed';
    this.#letGo(() => error);
    finished.reject(error);
    this.#context.jobEnded(this);
    this.#context.jobReporter.failed(this.jobId, error);
  }

  /** Ends everything that waits. A task that does not end is left alone, and its lease runs out. */
  #letGo(makeError: () => unknown): void {
    this.#context.timers.removeWall(this);
    const extras = this.#extras;
    if ((extras?.runs?.size ?? 0) === 0) this.#record.stopWaiting();
    if (extras === undefined) return;
    extras.occurrences?.endDrop();
    extras.alarm?.stop();
    extras.recovery?.stop();
    if ((extras.runs?.size ?? 0) > 0) extras.runs?.abort(makeError());
    extras.runs?.forsake();
    extras.confirmations?.answer(undefined);
    extras.requests?.reject(makeError);
  }

  // ---- What the record tells

  /** Also what is asked for by an observer, while an answer is taken in, waits for {@link JobRunner.goOn}. */
  holdUp(): void {
    this.#stepping = true;
  }

  goOn(): void {
    this.#stepping = false;
    this.step();
  }

  loaded(stored: StoredJobState | undefined): void {
    if (this.#phase === 'loading') this.#firstLoaded(stored);
    else this.#loadedAgain(stored);
  }

  saved(change: Change): void {
    this.#setState(change.next);
    change.done();
    this.#reconcile(change.next);
  }

  claimedTooLate({ next, claimed }: Change): void {
    this.#record.state = next;
    if (claimed !== undefined) this.#runs().handBack(claimed);
  }

  removed(): void {
    this.#context.jobReporter.terminalStateDeleted(this.jobId);
    this.#finish('terminal');
  }

  failed(error: unknown): void {
    if (this.isOver) this.#known.runs?.dropCommits();
    else this.#fail(error);
  }

  refused(error: unknown): void {
    this.#fail(error);
  }

  #firstLoaded(stored: StoredJobState | undefined): void {
    const restored = restore(this.#job, stored?.state, this.#context.clock.now(), this.#context);
    const previous = stored?.state;
    if (restored.source === 'restored' && !restored.scheduleChanged) this.#ready({ restored, previous });
    else this.#loading = { restored, previous };
  }

  /** A state that is new or was changed is saved before the job is ready. */
  #beginState(): Change {
    const loading = this.#loading as Loading;
    return { next: loading.restored.state, isIn: () => false, done: () => this.#ready(loading) };
  }

  #ready({ restored, previous }: Loading): void {
    const { state } = restored;
    this.#phase = 'ready';
    this.#loading = undefined;
    this.#record.state = state;
    const { leases, store, jobReporter } = this.#context;
    jobReporter.stateLoaded(this.jobId, restored);
    jobReporter.restored(this.jobId, restored, previous);
    if (state.paused) jobReporter.paused(this.jobId, 'shared');
    if (leases === undefined && store.shared) {
      jobReporter.guardDegraded(this.jobId, 'shared_store_without_guard');
    }
    if (state.inFlight.length > 0) this.#recovery().begin(state.inFlight);
    this.#settlements?.started.resolve();
  }

  #loadedAgain(stored: StoredJobState | undefined): void {
    const known = this.#record.state as JobState;
    if (stored === undefined && (this.#known.removing || this.#mayHaveEnded(known))) {
      if (this.isOver) this.#known.runs?.dropCommits();
      else if (this.#known.removing) this.removed();
      else this.#finish('terminal');
      return;
    }
    if (stored === undefined || isBehind(stored.state, known)) {
      this.#record.takeUnconfirmed();
      this.#extra().recordLost = true;
      return;
    }
    const restored = restore(this.#job, stored.state, this.#context.clock.now(), this.#context);
    this.#setState(restored.state);
    const isAdapted = restored.scheduleChanged || restored.source === 'repaired';
    if (isAdapted && !this.isOver && this.#known.adaptedRevision !== stored.revision) {
      this.#extra().adaptedRevision = stored.revision;
      this.#context.jobReporter.restored(this.jobId, restored, stored.state);
    }
    this.#record.confirm(restored.state);
    this.#reconcile(restored.state);
    this.#known.confirmations?.answer(restored.state);
  }

  #writeAgain(state: JobState): Change {
    return {
      next: state,
      isIn: () => false,
      done: () => {
        this.#extra().recordLost = false;
        if (!this.isOver) this.#context.jobReporter.stateRepaired(this.jobId, 'record_lost', state.nextRunAt);
        this.#known.confirmations?.answer(state);
      },
    };
  }

  #setState(state: JobState): void {
    const before = this.#record.state;
    this.#record.state = state;
    if (before === undefined || before.paused === state.paused || this.isOver) return;
    if (state.paused) this.#context.jobReporter.paused(this.jobId, 'shared');
    else {
      this.#context.jobReporter.resumed(this.jobId, 'shared');
      this.#known.requests?.pauseEnded();
    }
  }

  /** Brings what is known of runs and entries in line with a state that was just read or written. */
  #reconcile(state: JobState): void {
    const { owner, runs, recovery } = this.#known;
    if (state.inFlight.length === 0 && recovery === undefined) return;
    const foreign: InFlightRun[] = [];
    for (const entry of state.inFlight) {
      if (runs?.has(entry) === true) continue;
      const isOwn = entry.owner === owner && entry.handedBack !== true && !this.#runs().hasOccurrence(entry);
      // A claim whose answer was lost: what is found under this instance's own id is its own.
      if (isOwn && recovery?.isWatching(entry) !== true) this.#adopt(entry);
      else foreign.push(entry);
    }
    if (foreign.length > 0) this.#recovery().watch(foreign, state);
    else recovery?.watch(foreign, state);
    recovery?.forgetSettled(state, (entry) => this.#known.runs?.hasOccurrence(entry) === true);
  }

  #adopt(entry: InFlightRun): void {
    const runs = this.#runs();
    if (this.isStopping) runs.handBack(entry);
    else runs.add(entry, Number.NEGATIVE_INFINITY, !this.#mayOverlap && runs.size > 0);
  }

  /**
   * Whether the record of a finished job, which is to be removed, may have been finished and removed by another
   * instance: not while a run of this one is in it, unless that was stopped and may have been taken over.
   */
  #mayHaveEnded(known: JobState): boolean {
    const { store, terminalStatePolicy, clock } = this.#context;
    if (terminalStatePolicy !== 'delete' || !store.shared) return false;
    if (!this.isOver && (this.#known.runs?.size ?? 0) > 0) return false;
    return mayBeExhausted(this.#job, known, clock.now(), this.#context);
  }

  // ---- What occurrences, runs and the recovery of entries tell and ask

  claimed(entry: InFlightRun, claimedAt: number, queued: boolean): void {
    if (this.isStopping) this.#runs().handBack(entry);
    else this.#runs().add(entry, claimedAt, queued);
  }

  dropped(reason: SkipReason, occurrences: SkippedOccurrences): void {
    this.#extra().lastSkipReason = reason;
    this.#context.jobReporter.runSkipped(this.jobId, reason, occurrences);
  }

  confirmEntry(entry: InFlightRun): Promise<boolean> {
    if (this.isOver) return Promise.resolve(false);
    const extras = this.#extra();
    extras.confirmations ??= new Confirmations();
    const confirmed = extras.confirmations.ask(entry);
    this.#record.isStale = true;
    this.step();
    return confirmed;
  }

  sawLease(lease: ExecutionLease): void {
    this.#known.recovery?.sawLease(lease);
  }

  relinquished(entry: InFlightRun): void {
    this.#known.recovery?.settled(entry);
    if (this.#record.state !== undefined && !this.isOver)
      this.#recovery().takeBack(entry, this.#record.state);
  }

  settled(entry: InFlightRun): void {
    this.#known.recovery?.settled(entry);
  }

  skipped(reason: SkipReason, entry: InFlightRun): void {
    this.dropped(reason, occurrenceOf(entry));
  }

  tookOver(entry: InFlightRun, claimedAt: number, keeper: LeaseKeeper | undefined): void {
    this.#runs().add(entry, claimedAt, false, keeper);
  }

  tookOverInVain(entry: InFlightRun): void {
    this.#runs().handBack(entry);
  }

  alreadyCompleted(entry: InFlightRun): void {
    this.#runs().commitWithoutRun(entry, 'already_completed');
  }

  reload(): void {
    this.#record.isStale = true;
    this.#stepAgain = true;
  }

  get isPaused(): boolean {
    return this.#locallyPaused || this.#record.state?.paused === true;
  }

  get begunRuns(): number {
    return this.#known.runs?.begun ?? 0;
  }

  get loadedAt(): number {
    return this.#record.loadedAt;
  }

  ownId(): string {
    const extras = this.#extra();
    extras.owner ??= this.#context.newOwner();
    return extras.owner;
  }

  // ---- Waiting

  /** Reads the record again once a poll's time has gone by. */
  #poll(): void {
    this.#record.watchLoads();
    const pollAt = this.#record.loadedAt + POLL_MS;
    if (this.#context.clock.monotonic() < pollAt) this.#extra().pollAt = pollAt;
    else this.reload();
  }

  #setAlarm(): void {
    const at = this.#alarmTime();
    if (at === Number.POSITIVE_INFINITY) {
      this.#known.alarm?.stop();
      return;
    }
    const extras = this.#extra();
    extras.alarm ??= new Delay(this.#context.timers, () => this.step());
    // Renewals that are overdue come before it.
    extras.alarm.startAt(Math.max(at, this.#context.clock.monotonic()));
  }

  #alarmTime(): number {
    if (!this.mayWrite) return Number.POSITIVE_INFINITY;
    const { stopping, recovery, pollAt } = this.#known;
    const stopAt = this.isOver ? Number.POSITIVE_INFINITY : (stopping?.endsAt ?? Number.POSITIVE_INFINITY);
    if (this.#record.isBusy) return stopAt;
    if (this.#record.isPausing) return Math.min(stopAt, this.#record.retryAt);
    if (this.isStopping) return Math.min(stopAt, pollAt);
    if (recovery === undefined || this.isPaused) return pollAt;
    const { state } = this.#record;
    if (state === undefined) return pollAt;
    return Math.min(pollAt, recovery.probeAt(state));
  }

  // ---- What is known

  get isOver(): boolean {
    return this.#phase === 'stopped' || this.#phase === 'failed';
  }

  /** Whether the job is on its way to its end, or there. */
  get isStopping(): boolean {
    return this.isOver || this.#known.stopping !== undefined;
  }

  /** A job that was stopped only commits what ended after all. */
  get mayWrite(): boolean {
    return !this.isOver || (this.#phase === 'stopped' && (this.#known.runs?.uncommitted ?? 0) > 0);
  }

  get #mayOverlap(): boolean {
    return this.#job.overlapPolicy === 'allow_parallel';
  }

  get #isDegraded(): boolean {
    const { storeDegraded, guardDegraded } = this.#known;
    return storeDegraded || guardDegraded || this.#record.isFailing || this.#context.storeHealth.degraded;
  }

  get #foreignEntries(): number {
    return this.#known.recovery?.foreign ?? 0;
  }

  #situation(): Situation {
    const { clock, timezone, lateToleranceMs } = this.#context;
    const { runs } = this.#known;
    const waiting = runs?.queued ?? 0;
    const claimed = (runs?.unfinished ?? 0) + this.#foreignEntries;
    return {
      now: clock.now(),
      timezone: this.#job.timezone ?? timezone,
      lateToleranceMs,
      active: claimed - waiting,
      catchingUp: this.#record.state?.inFlight.some((entry) => entry.catchUp) === true,
      queued: Math.max(waiting, claimed - 1, 0),
      paused: this.#locallyPaused,
    };
  }

  #status(active: number): JobSnapshot['status'] {
    if (this.isOver) return this.#phase === 'failed' ? 'failed' : 'stopped';
    if (this.#known.stopping !== undefined) return 'stopping';
    if (this.#phase === 'loading') return 'starting';
    if (active > 0) return 'running';
    return this.#locallyPaused || this.#record.state?.paused === true ? 'paused' : 'waiting';
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

  #runs(): ClaimedRuns {
    const extras = this.#extra();
    extras.runs ??= new ClaimedRuns(this.#context, this.#job, this);
    return extras.runs;
  }

  #occurrences(): Occurrences {
    const extras = this.#extra();
    extras.occurrences ??= new Occurrences(this.#context, this.#job, this);
    return extras.occurrences;
  }

  #requests(): Requests {
    const extras = this.#extra();
    extras.requests ??= new Requests(this.#job, this);
    return extras.requests;
  }

  #recovery(): Recovery {
    this.#record.watchLoads();
    const extras = this.#extra();
    extras.recovery ??= new Recovery(this.#context, this.#job, this);
    return extras.recovery;
  }

  #settle(): Settlements {
    this.#settlements ??= { started: new Settlement(), finished: new Settlement() };
    return this.#settlements;
  }

  /** What a request comes to that is made too late; nobody has to look at it. */
  #refused(): Promise<never> {
    const settlement = new Settlement<never>();
    settlement.reject(this.#stoppedError());
    return settlement.promise;
  }

  #stoppedError(): JobStoppedError {
    const { stopping } = this.#known;
    if (stopping === undefined) return new JobStoppedError('ERR_JOB_ENDED', this.jobId);
    return new JobStoppedError(stopping.reason === 'shutdown' ? 'ERR_SHUTDOWN' : 'ERR_CANCELLED', this.jobId);
  }
}
