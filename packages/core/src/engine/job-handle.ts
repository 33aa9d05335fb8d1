import { InvalidOptionError } from '../errors.js';
import { checkLiteral, checkOptionNames } from '../options.js';
import type { JobRunner } from './job-runner.js';
import type { JobReport, JobSnapshot, TriggerResult } from './report.js';

/** Whom a pause or a resume concerns: this instance, or every instance on the same store. */
export interface PauseOptions {
  /** Default of a pause `local`; a resume without it ends what this handle paused. */
  readonly scope?: 'local' | 'shared' | undefined;
}

/** Options of a graceful shutdown. */
export interface ShutdownOptions {
  /**
   * How long runs may take to end before their signal is aborted, in milliseconds; `Infinity` waits for as long as it
   * takes. Default 30,000.
   */
  readonly graceMs?: number | undefined;
}

/** Controls one started job. */
export class JobHandle {
  readonly #runner: JobRunner;

  /** @internal */
  constructor(runner: JobRunner) {
    this.#runner = runner;
  }

  /** The id of the job. */
  get jobId(): string {
    return this.#runner.jobId;
  }

  /** Resolves when the state is loaded; rejects with the reason when it cannot be. */
  get started(): Promise<void> {
    return this.#runner.started;
  }

  /**
   * Resolves with the report when the job has come to its end; rejects when it failed. It never causes
   * an unhandled rejection.
   */
  get finished(): Promise<JobReport> {
    return this.#runner.finished;
  }

  /** What the job is doing right now. */
  snapshot(): JobSnapshot {
    return this.#runner.snapshot();
  }

  /**
   * Stops future triggers and leaves a running task alone. With `{ scope: 'shared' }` the pause is kept
   * in the job's record and holds for every instance; the promise then waits until it is written.
   */
  pause(options: PauseOptions = {}): Promise<void> {
    return inScope('pause', options, (scope) =>
      scope === 'shared' ? this.#runner.setSharedPause(true) : this.#runner.pauseLocally(),
    );
  }

  /**
   * Ends what this handle paused, the shared pause too if it asked for that; occurrences missed meanwhile follow the
   * missed-run policy. With a `scope` it ends just the pause of that scope: `shared` also one that another instance
   * asked for.
   */
  resume(options: PauseOptions = {}): Promise<void> {
    return inScope('resume', options, (scope) => {
      if (scope === undefined) return this.#runner.resume();
      return scope === 'shared' ? this.#runner.setSharedPause(false) : this.#runner.resumeLocally();
    });
  }

  /**
   * Runs the job once now, outside the schedule: the occurrence is now and `maxRuns` does not count it.
   * Overlap policy, time window and pause hold. Of several in one millisecond each takes an instant of its own.
   * Resolves when the run was claimed, or skipped; rejects with a JobStoppedError when the job is over.
   */
  trigger(): Promise<TriggerResult> {
    return this.#runner.trigger();
  }

  /** Begins no new runs, waits for the current one up to `graceMs`, then aborts its signal. */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    this.#runner.shutdown(graceOf(options));
    await this.finished.catch(() => {});
  }

  /**
   * Begins no new runs and aborts the signal of running ones; settles at the latest a second later,
   * also when a task or the store hangs.
   */
  async cancel(): Promise<void> {
    this.#runner.cancel();
    await this.finished.catch(() => {});
  }

  /** As {@link JobHandle.shutdown}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}

/** The grace of a shutdown, checked. */
export function graceOf(options: ShutdownOptions): number {
  checkOptionNames('shutdown', options, ['graceMs']);
  const { graceMs = 30_000 } = options;
  if (graceMs !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(graceMs) && graceMs >= 0))
    throw new InvalidOptionError('shutdown.graceMs', graceMs, 'a whole number from 0, or Infinity');
  return graceMs;
}

/** Hands on the very promise that `act` returns: that it rejects when the job ends need not concern anybody. */
function inScope(
  call: string,
  options: PauseOptions,
  act: (scope: PauseOptions['scope']) => Promise<void> | void,
): Promise<void> {
  try {
    checkOptionNames(call, options, ['scope']);
    const { scope } = options;
    if (scope !== undefined) checkLiteral(`${call}.scope`, scope, ['local', 'shared'], 'local');
    return act(scope) ?? Promise.resolve();
  } catch (error) {
    return Promise.reject(error);
  }
}
