import { SchedulerError } from '@cloudiful-scheduler/core';

/**
 * What a run takes to its worker thread, or what its task returns, holds something that cannot be cloned, such as
 * a function or a connection. The run fails. Code `ERR_NOT_CLONEABLE`.
 */
export class NotCloneableError extends SchedulerError {
  /** Where it is, such as `deps.client.query`. */
  readonly path: string;

  constructor(path: string, what: string, cause: unknown) {
    super(
      'ERR_NOT_CLONEABLE',
      `${path} cannot be passed between threads, being ${what}: only data can, so make it in the worker's file`,
      { kind: 'data', cause },
    );
    this.path = path;
  }

  override get name(): string {
    return 'NotCloneableError';
  }
}

/**
 * The worker thread ended in the middle of a run: by `process.exit`, out of memory, or by an exception that nothing
 * caught, which is the `cause`. The run fails; the next one has a new thread. If threads end before they call the
 * function, the run fails with the third. Code `ERR_WORKER_CRASHED`.
 */
export class WorkerCrashedError extends SchedulerError {
  constructor(file: string, cause: unknown) {
    super(
      'ERR_WORKER_CRASHED',
      `The worker thread of ${file} ended during the run: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }

  override get name(): string {
    return 'WorkerCrashedError';
  }
}

/** The worker task was closed, before the run or in the middle of it. The run fails. Code `ERR_WORKER_CLOSED`. */
export class WorkerClosedError extends SchedulerError {
  constructor(file: string) {
    super('ERR_WORKER_CLOSED', `The worker task of ${file} is closed`);
  }

  override get name(): string {
    return 'WorkerClosedError';
  }
}
