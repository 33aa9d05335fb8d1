export { NotCloneableError, WorkerClosedError, WorkerCrashedError } from './errors.js';
export type { WorkerPoolOptions, WorkerResourceLimits, WorkerTaskOptions } from './options.js';
export { type WorkerTask, workerTask } from './worker-task.js';
