import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TaskContext } from '@cloudiful-scheduler/core';
import { Piscina } from 'piscina';
import { WorkerClosedError, WorkerCrashedError } from './errors.js';
import type { WorkerSettings } from './options.js';
import { type WorkerCall, WorkerRun } from './worker-run.js';

// This file is built as CommonJS too, where `import.meta` is empty.
const FILE = typeof __filename === 'string' ? __filename : fileURLToPath(import.meta.url);
const RUNNER = join(dirname(FILE), '../worker/run-task.mjs');

/** How often a run is given to a thread, if each thread ends before it calls the task. */
const MOST_CALLS = 3;

/**
 * The threads of a worker task: made when the first run needs one, and ended by `close`. Runs that have no thread
 * wait here and not in piscina's queue, which stands still when the only thread ends by a crash or an abort.
 */
export class WorkerPool {
  readonly #runs = new Set<WorkerRun>();
  /** Those of the runs that were given to piscina. */
  readonly #given = new Set<WorkerRun>();
  readonly #turns: (() => void)[] = [];
  #busy = 0;
  #threads: Piscina | undefined;
  #closing: Promise<void> | undefined;

  constructor(private readonly settings: WorkerSettings) {}

  async execute(context: TaskContext): Promise<unknown> {
    for (let calls = 1; ; calls += 1) {
      if (this.#closing !== undefined) throw new WorkerClosedError(this.settings.url);
      const run = new WorkerRun(this.settings, context.signal);
      this.#runs.add(run);
      try {
        return await run.execute(context, (call, end) => this.#call(run, call, end));
      } catch (error) {
        const mayCallAgain = error instanceof WorkerCrashedError && run.withdraw(error);
        if (!mayCallAgain || calls === MOST_CALLS) throw error;
      } finally {
        this.#runs.delete(run);
      }
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const run of this.#runs) run.end(new WorkerClosedError(this.settings.url));
    await this.#threads?.destroy();
  }

  async #call(run: WorkerRun, call: WorkerCall, end: AbortSignal): Promise<unknown> {
    await this.#turn(end);
    this.#given.add(run);
    try {
      this.#threads ??= this.#open();
      return await this.#threads.run(call, { transferList: [call.port], signal: end });
    } catch (error) {
      this.#threadEnded(error);
      throw new WorkerCrashedError(this.settings.url, error);
    } finally {
      this.#given.delete(run);
      const next = this.#turns.shift();
      if (next === undefined) this.#busy -= 1;
      else next();
    }
  }

  /** Waits until a thread is free, or for `end`. A thread that becomes free is handed to the first that waits. */
  async #turn(end: AbortSignal): Promise<void> {
    if (this.#busy < this.settings.maxThreads) {
      this.#busy += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        end.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#turns.splice(this.#turns.indexOf(turn), 1);
        reject(end.reason as Error);
      };
      this.#turns.push(turn);
      end.addEventListener('abort', leave, { once: true });
    });
  }

  #open(): Piscina {
    const { maxThreads, idleTimeoutMs, resourceLimits } = this.settings;
    const threads = new Piscina({
      filename: RUNNER,
      name: 'runTask',
      minThreads: 0,
      maxThreads,
      idleTimeout: idleTimeoutMs,
      resourceLimits,
      // A thread that waits for its next run may still have timers of the user's module to serve.
      atomics: 'disabled',
      recordTiming: false,
    });
    threads.on('error', (error: unknown) => this.#threadEnded(error)); // of a thread without a run
    return threads;
  }

  /** What waits in piscina's queue when the last thread ends would wait for ever. */
  #threadEnded(error: unknown): void {
    if (this.#threads?.threads.length !== 0) return;
    for (const run of this.#given) run.withdraw(new WorkerCrashedError(this.settings.url, error));
  }
}
