import { type Clock, inWholeMilliseconds, systemClock } from '../clock.js';
import { checkJob } from '../define-job.js';
import { DuplicateJobError, InvalidOptionError, SchedulerStoppedError } from '../errors.js';
import type { SchedulerEvent } from '../events.js';
import type { ExecutionGuard } from '../execution-guard.js';
import type { Job } from '../job.js';
import type { SchedulerObserver } from '../observer.js';
import { checkInteger, checkLiteral, checkMethods, checkOptionNames, checkTimezone } from '../options.js';
import type { StateStore, StoreEvent } from '../state-store.js';
import { InMemoryStateStore } from '../stores/in-memory-state-store.js';
import type { EngineContext } from './engine-context.js';
import { graceOf, JobHandle, type ShutdownOptions } from './job-handle.js';
import { JobReporter } from './job-reporter.js';
import { JobRunner } from './job-runner.js';
import { LeaseReporter } from './lease-reporter.js';
import { notifyObservers } from './notify-observers.js';
import { type Random, randomToken, secureRandom } from './random.js';
import type { JobReport } from './report.js';
import { CallPressure } from './call-pressure.js';
import { TimerQueue } from './timer-queue.js';
import { TurnBudget } from './turn-budget.js';

/** What a {@link Scheduler} takes; everything has a default. */
export interface SchedulerOptions {
  /** Where states are kept. Default a new `InMemoryStateStore`. */
  readonly store?: StateStore | undefined;
  /** Who hands out leases when several instances share a store. Default none. */
  readonly guard?: ExecutionGuard | undefined;
  /** Who is told of events. Default nobody. */
  readonly observers?: readonly SchedulerObserver[] | undefined;
  /** IANA name of the time zone for jobs, schedules and time windows without their own. Default `UTC`. */
  readonly timezone?: string | undefined;
  /** Run records kept per job; 0 keeps none. Default 32. */
  readonly historyLimit?: number | undefined;
  /** Whether the record of a finished job is kept. Default `retain`. */
  readonly terminalStatePolicy?: 'retain' | 'delete' | undefined;
  /** An occurrence that is more milliseconds late than this is a missed run. Default 1,000. */
  readonly lateToleranceMs?: number | undefined;
  /** Whether jobs wait for a store that does not answer, or fail. Default `wait`. */
  readonly onStoreUnavailable?: 'wait' | 'fail' | undefined;
  /** Where time comes from. Default the clock of the system. */
  readonly clock?: Clock | undefined;
  /** Where ids and jitter come from: uniform in [0, 1). Default the platform's secure generator. */
  readonly random?: Random | undefined;
}

const OPTION_NAMES = [
  'store',
  'guard',
  'observers',
  'timezone',
  'historyLimit',
  'terminalStatePolicy',
  'lateToleranceMs',
  'onStoreUnavailable',
  'clock',
  'random',
] as const satisfies readonly (keyof SchedulerOptions)[];

/**
 * Runs many jobs side by side, each as its definition, its stored state and the clock say.
 *
 * @throws InvalidOptionError from the constructor for an option that is not allowed.
 * @example
 * ```ts
 * const scheduler = new Scheduler({ timezone: 'Asia/Shanghai' });
 * const handle = scheduler.start(job);
 * process.once('SIGTERM', () => void scheduler.shutdown({ graceMs: 10_000 }));
 * const report = await handle.finished;
 * ```
 */
export class Scheduler {
  readonly #context: EngineContext;
  readonly #runners = new Map<string, JobRunner>();
  readonly #unsubscribe: (() => void) | undefined;
  #stopped = false;

  constructor(options: SchedulerOptions = {}) {
    checkOptionNames('scheduler', options, OPTION_NAMES);
    const { guard, observers = [], random = secureRandom } = options;
    const { timezone = 'UTC', historyLimit = 32, lateToleranceMs = 1_000 } = options;
    const store: StateStore = options.store === undefined ? new InMemoryStateStore() : options.store;
    checkMethods('scheduler.store', store, ['load', 'save', 'delete']);
    if (typeof store.shared !== 'boolean')
      throw new InvalidOptionError('scheduler.store.shared', store.shared, 'true or false');
    if (guard !== undefined) checkMethods('scheduler.guard', guard, ['acquire', 'renew', 'release']);
    if (!Array.isArray(observers))
      throw new InvalidOptionError('scheduler.observers', observers, 'an array of observers');
    for (const [index, observer] of observers.entries())
      checkMethods(`scheduler.observers[${index}]`, observer, ['onEvent']);
    const { clock: givenClock = systemClock } = options;
    checkMethods('scheduler.clock', givenClock, ['now', 'monotonic', 'setTimer']);
    const clock = givenClock === systemClock ? systemClock : inWholeMilliseconds(givenClock);
    if (typeof random !== 'function') throw new InvalidOptionError('scheduler.random', random, 'a function');

    const copied = [...observers];
    const emit = (event: SchedulerEvent): void => notifyObservers(copied, event);
    const engineId = randomToken(random);
    let starts = 0;
    const pressure = new CallPressure();
    const timers = new TimerQueue(clock, pressure);
    this.#context = {
      clock,
      timers,
      turn: new TurnBudget(clock, timers),
      pressure,
      random,
      store,
      storeHealth: { degraded: false },
      timezone: checkTimezone('scheduler.timezone', timezone),
      historyLimit: checkInteger('scheduler.historyLimit', historyLimit, 0),
      lateToleranceMs: checkInteger('scheduler.lateToleranceMs', lateToleranceMs, 0),
      terminalStatePolicy: checkLiteral(
        'scheduler.terminalStatePolicy',
        options.terminalStatePolicy,
        ['retain', 'delete'],
        'retain',
      ),
      onStoreUnavailable: checkLiteral(
        'scheduler.onStoreUnavailable',
        options.onStoreUnavailable,
        ['wait', 'fail'],
        'wait',
      ),
      leases: guard && { clock, timers, random, guard, report: new LeaseReporter(clock, emit) },
      jobReporter: new JobReporter(clock, emit, copied.length > 0),
      jobEnded: (runner) => {
        if (this.#runners.get(runner.jobId) === runner) this.#runners.delete(runner.jobId);
      },
      newOwner: () => {
        starts += 1;
        return `${engineId}-${starts}`;
      },
    };
    this.#unsubscribe = store.subscribe?.((event) => this.#storeEvent(event));
  }

  /**
   * Starts a job and returns at once.
   *
   * @throws DuplicateJobError when a job with this id is running in this scheduler.
   * @throws SchedulerStoppedError after {@link Scheduler.shutdown}.
   */
  start(job: Job): JobHandle {
    checkJob(job);
    if (this.#stopped) throw new SchedulerStoppedError();
    if (this.#runners.has(job.id)) throw new DuplicateJobError(job.id);
    const runner = new JobRunner(this.#context, job as Job<never>);
    this.#runners.set(job.id, runner);
    runner.start();
    return new JobHandle(runner);
  }

  /**
   * Starts a job and waits for its end. Aborting `signal` cancels it.
   *
   * @returns The report; the promise rejects when the job failed.
   */
  async run(job: Job, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<JobReport> {
    checkOptionNames('run', options, ['signal']);
    const { signal } = options;
    const handle = this.start(job);
    const cancel = (): void => void handle.cancel();
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await handle.finished;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Shuts all jobs down, each as {@link JobHandle.shutdown} does; no further jobs can be started. */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    const graceMs = graceOf(options);
    this.#stopped = true;
    const runners = [...this.#runners.values()];
    for (const runner of runners) runner.shutdown(graceMs);
    await Promise.allSettled(runners.map((runner) => runner.finished));
    this.#unsubscribe?.();
  }

  /** Cancels all jobs, each as {@link JobHandle.cancel} does; no further jobs can be started. */
  async cancel(): Promise<void> {
    this.#stopped = true;
    const runners = [...this.#runners.values()];
    for (const runner of runners) runner.cancel();
    await Promise.allSettled(runners.map((runner) => runner.finished));
    this.#unsubscribe?.();
  }

  /** As {@link Scheduler.shutdown}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #storeEvent(event: StoreEvent): void {
    const { type, jobId } = event;
    if (jobId === undefined && (type === 'degraded' || type === 'recovered'))
      this.#context.storeHealth.degraded = type === 'degraded';
    const runners = jobId === undefined ? [...this.#runners.values()] : [this.#runners.get(jobId)];
    for (const runner of runners) runner?.storeEvent(event);
  }
}
