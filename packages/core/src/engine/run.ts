import { errorMessage } from '../errors.js';
import type { ExecutionLease, ExecutionSlot } from '../execution-guard.js';
import type { Job, RunContext, TaskContext } from '../job.js';
import type { InFlightRun } from '../job-state.js';
import { isInsideWindow } from '../policy/plan.js';
import type { RunResult } from '../policy/transitions.js';
import { acquireLease, isFinal } from './acquire-lease.js';
import { backoffMs } from './backoff.js';
import { Delay, type EngineContext } from './engine-context.js';
import { copyOfLease, type LeaseKeeper, type LeaseKeeperContext, trustEnd } from './lease-keeper.js';
import { releaseLease, returnLease } from './lease-release.js';
import { randomToken } from './random.js';
import { RunTaskContext } from './run-task-context.js';

/** How a claimed run ended. */
export type RunOutcome =
  | { readonly kind: 'finished'; readonly result: RunResult }
  /** Another owner holds the lease. */
  | { readonly kind: 'contended' }
  /** The guard knows that the occurrence was completed. */
  | { readonly kind: 'completed' }
  | { readonly kind: 'outside_time_window' }
  /** Stopped before the task was called; the entry stays in flight. */
  | { readonly kind: 'abandoned' }
  /** The guard refused for good. */
  | { readonly kind: 'refused'; readonly error: unknown };

/** Whether a run waits for another, takes up its job, or holds nothing any more. */
export type RunStage = 'queued' | 'begun' | 'ended';

/** What a run tells the job that it belongs to. */
export interface RunListener {
  /** The guard failed (`error`) or answers again (`undefined`). */
  guardHealth(error: unknown): void;
  /** Reads the record again and tells whether the run's entry is still in it. */
  confirmEntry(run: Run): Promise<boolean>;
  runStarted(run: Run, startedAt: number, lease: ExecutionLease | undefined): void;
  runCompleted(run: Run, result: RunResult, error: unknown): void;
}

/**
 * One claimed run from its lease to its release: acquires, calls the task, keeps the lease meanwhile and
 * gives it back. The claim before and the commit after are the {@link JobRunner}'s.
 */
export class Run {
  stage: RunStage = 'queued';
  #stop: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;
  #wake: (() => void) | undefined;
  #keeper: LeaseKeeper | undefined;

  constructor(
    private readonly context: EngineContext,
    private readonly job: Job<never>,
    readonly entry: InFlightRun,
    /** When the claim was sent, on the monotonic clock. */
    private readonly claimedAt: number,
    private readonly listener: RunListener,
  ) {}

  /** Aborted when the run is; made when the task asks for it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#stop !== undefined) this.#controller.abort(this.#stop.reason);
    }
    return this.#controller.signal;
  }

  /** Runs the occurrence. A run that was taken over brings the lease that it won. */
  execute(taken?: LeaseKeeper): RunOutcome | Promise<RunOutcome> {
    // Most runs wait for nothing but their task, if for that.
    const waits = this.context.leases !== undefined || this.#earlyByMs > 0 || this.#stop !== undefined;
    if (!waits) return this.#runInWindow();
    this.#keeper = taken;
    return this.#executeLater();
  }

  async #executeLater(): Promise<RunOutcome> {
    const { leases } = this.context;
    if (leases !== undefined && this.#keeper === undefined) {
      const refusal = await this.#acquire(leases);
      if (refusal !== undefined) return refusal;
    }
    const keeper = this.#keeper;
    let confirmed = true;
    do {
      if (this.#earlyByMs > 0) await this.#untilScheduled();
      const isLate = this.#stop === undefined && keeper !== undefined && this.#isLate(keeper);
      if (isLate) confirmed = await this.listener.confirmEntry(this);
      // The wall clock may have been stepped back while the record was read.
    } while (confirmed && this.#stop === undefined && this.#earlyByMs > 0);
    if (!confirmed || this.#stop !== undefined || keeper?.isLost === true) {
      if (keeper !== undefined) await releaseLease(keeper, 'abandoned');
      return { kind: 'abandoned' };
    }
    keeper?.whenLost((error) => this.abort(error));
    const outcome = await this.#runInWindow();
    if (keeper !== undefined) await releaseLease(keeper, 'completed');
    return outcome;
  }

  #runInWindow(): RunOutcome | Promise<RunOutcome> {
    const now = this.context.clock.now();
    if (!isInsideWindow(this.job, { now, timezone: this.#timezone })) return { kind: 'outside_time_window' };
    return this.#callTask();
  }

  /** Aborts the signal of a running task; a run that has not begun does not begin. */
  abort(reason: unknown): void {
    if (this.#stop !== undefined) return;
    this.#stop = { reason };
    this.#wake?.();
    this.#controller?.abort(reason);
  }

  /** Ends renewal of the lease, which then runs out by itself. */
  forsake(): void {
    this.#keeper?.stop();
  }

  /** Asks for the lease until there is an answer, with the same token, since an answer may be lost. */
  async #acquire(leases: LeaseKeeperContext): Promise<RunOutcome | undefined> {
    const { random } = this.context;
    const slot = slotOf(this.job, this.entry);
    const token = randomToken(random);
    // An answer that comes too late is asked for once more, unless nobody needs it any more.
    let late: LeaseKeeper | undefined;
    let outcome: RunOutcome = { kind: 'abandoned' };
    for (let attempt = 0; this.#stop === undefined; attempt += 1) {
      try {
        const answer = await acquireLease(leases, slot, token);
        this.listener.guardHealth(answer.status === 'late' ? answer.error : undefined);
        if (answer.status === 'completed') return { kind: 'completed' };
        if (answer.status === 'contended') {
          leases.report.contended(slot);
          return { kind: 'contended' };
        }
        if (answer.status === 'acquired') {
          leases.report.acquired(answer.keeper.lease);
          this.#keeper = answer.keeper;
          return undefined;
        }
        late = answer.keeper;
      } catch (error) {
        if (isFinal(error)) {
          outcome = { kind: 'refused', error };
          break;
        }
        this.listener.guardHealth(error);
      }
      await this.#pause(backoffMs(attempt, random));
    }
    if (late !== undefined) await returnLease(late);
    return outcome;
  }

  /**
   * Whether the claim is so old that another instance may have found its entry unchanged for a lease's
   * time to live, taken it over, run it and let its own lease run out.
   */
  #isLate({ lease }: LeaseKeeper): boolean {
    return this.context.clock.monotonic() >= trustEnd(lease, this.claimedAt);
  }

  get #earlyByMs(): number {
    return this.entry.scheduledAt.getTime() - this.context.clock.now();
  }

  get #timezone(): string {
    return this.job.timezone ?? this.context.timezone;
  }

  /** The wall clock may have been stepped back since the claim; nothing starts before its time. */
  async #untilScheduled(): Promise<void> {
    while (this.#earlyByMs > 0 && this.#stop === undefined)
      await this.#pause(Math.min(this.#earlyByMs, 1_000));
  }

  /** Waits until `delayMs` are over or the run is stopped. */
  #pause(delayMs: number): Promise<void> {
    if (this.#stop !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const delay = new Delay(this.context.timers, resolve);
      delay.startAt(this.context.clock.monotonic() + delayMs);
      this.#wake = () => {
        delay.stop();
        resolve();
      };
    });
  }

  #callTask(): RunOutcome | Promise<RunOutcome> {
    const lease = this.#keeper?.lease;
    const startedAt = this.context.clock.now();
    this.listener.runStarted(this, startedAt, lease);
    let returned: unknown;
    try {
      returned = this.job.task(this.#taskContext(lease) as TaskContext<never>);
      if (isThenable(returned)) return this.#untilSettled(returned, startedAt);
    } catch (error) {
      return this.#finished(startedAt, { error });
    }
    return this.#finished(startedAt, undefined);
  }

  async #untilSettled(returned: PromiseLike<unknown>, startedAt: number): Promise<RunOutcome> {
    try {
      await returned;
    } catch (error) {
      return this.#finished(startedAt, { error });
    }
    return this.#finished(startedAt, undefined);
  }

  #finished(startedAt: number, failure: { readonly error: unknown } | undefined): RunOutcome {
    const result: RunResult = {
      startedAt,
      finishedAt: this.context.clock.now(),
      status: failure === undefined ? 'success' : 'failed',
      error: failure && errorMessage(failure.error),
    };
    this.listener.runCompleted(this, result, failure?.error);
    return { kind: 'finished', result };
  }

  #taskContext(lease: ExecutionLease | undefined): TaskContext {
    const { job } = this;
    const { scheduledAt, catchUp, triggerCount, attempt, manual = false } = this.entry;
    const run: RunContext = {
      jobId: job.id,
      // A copy: what the task does to it must not reach the engine.
      scheduledAt: new Date(scheduledAt),
      catchUp,
      triggerCount,
      attempt,
      timezone: this.#timezone,
      manual,
    };
    return new RunTaskContext(run, job.deps, lease && copyOfLease(lease), this);
  }
}

/** The slot that a run of a job asks a lease for. */
export function slotOf(job: Job<never>, entry: InFlightRun): ExecutionSlot {
  const { id, resourceId, guardScope } = job;
  // A copy: what guards do to it must not reach the engine.
  return { jobId: id, resourceId, scope: guardScope, scheduledAt: new Date(entry.scheduledAt) };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
