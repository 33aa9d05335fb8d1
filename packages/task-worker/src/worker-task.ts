import type { TaskContext } from '@cloudiful-scheduler/core';
import { checkSettings, type WorkerTaskOptions } from './options.js';
import { WorkerPool } from './worker-pool.js';

/** A task that runs in worker threads, made by {@link workerTask}. */
export interface WorkerTask<Deps = unknown, Result = unknown> extends AsyncDisposable {
  /** Runs the function in a worker thread; the promise is settled as the function ends. */
  (context: TaskContext<Deps>): Promise<Result>;
  /**
   * Ends all threads. Runs that are still going on fail with a `WorkerClosedError`, and so do later ones: shut the
   * scheduler down before. Resolves when the threads have ended; may be called again.
   */
  close(): Promise<void>;
}

/**
 * A task that runs a function of another file in a worker thread, so that it may block or burn CPU while timers,
 * other jobs and the renewal of its lease go on.
 *
 * The function is called with the {@link TaskContext} of the run. `run`, `deps` and `lease` are copies (as by
 * `structuredClone`), so `deps` must be data: anything else in it fails the run with a {@link NotCloneableError}.
 * What the function returns is copied back. What it throws fails the run: an error with the same name, message,
 * stack, cause and data, yet a plain `Error`. If the thread ends, the run fails with a {@link WorkerCrashedError}.
 *
 * When the run is aborted, the function's `signal` aborts; `signal.aborted` shows it even in a loop that never
 * waits. After `abortGraceMs` the thread is ended, and the run fails with the reason of the abort.
 *
 * Threads are made when they are needed, at most `pool.maxThreads`, and kept for `pool.idleTimeoutMs`. Threads
 * without a run do not keep the process alive.
 *
 * @param url - The file, as a URL.
 * @throws `InvalidOptionError` for what is no file, and for options that are not allowed.
 * @example
 * ```ts
 * const crunch = workerTask(new URL('./crunch.js', import.meta.url), { export: 'crunch' });
 * const job = defineJob({ id: 'crunch', schedule: every({ minutes: 5 }), deps: { market: 'A-share' }, task: crunch });
 * ```
 */
export function workerTask<Deps = unknown, Result = unknown>(
  url: URL,
  options: WorkerTaskOptions = {},
): WorkerTask<Deps, Result> {
  const pool = new WorkerPool(checkSettings(url, options));
  const close = () => pool.close();
  return Object.assign((context: TaskContext<Deps>) => pool.execute(context) as Promise<Result>, {
    close,
    [Symbol.asyncDispose]: close,
  });
}
