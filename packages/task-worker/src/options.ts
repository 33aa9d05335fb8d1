import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { InvalidOptionError } from '@cloudiful-scheduler/core';

/** Limits of a worker thread, in megabytes, as Node's `Worker` takes them. */
export interface WorkerResourceLimits {
  /** The heap of all but young objects; a thread that outgrows it ends, and its run fails. */
  readonly maxOldGenerationSizeMb?: number | undefined;
  /** The heap of young objects. */
  readonly maxYoungGenerationSizeMb?: number | undefined;
  /** Memory for generated code. */
  readonly codeRangeSizeMb?: number | undefined;
  /** The stack. Default 4. */
  readonly stackSizeMb?: number | undefined;
}

/** The threads of a worker task. */
export interface WorkerPoolOptions {
  /** How many runs have a thread at once; others wait. Default the number of processors that can be used. */
  readonly maxThreads?: number | undefined;
  /** How long a thread without a run is kept, in milliseconds. Default 30,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Limits of each thread. Default those of Node. */
  readonly resourceLimits?: WorkerResourceLimits | undefined;
}

/** Options of {@link workerTask}. */
export interface WorkerTaskOptions {
  /**
   * The name of the function that the file exports. Default `default`. As the file is loaded in the thread, each run
   * fails with an `InvalidOptionError` if it has no such function.
   */
  readonly export?: string | undefined;
  /**
   * How long a run may go on after its `signal` was aborted, in milliseconds; then its thread is ended. Default
   * 500, since the scheduler waits for an aborted run for one second: one that takes longer is still in flight when
   * `cancel` or `shutdown` is done. With 0 the thread is ended at once.
   */
  readonly abortGraceMs?: number | undefined;
  /** The threads. They belong to this task alone. */
  readonly pool?: WorkerPoolOptions | undefined;
}

/** The options, checked and with their defaults. */
export interface WorkerSettings {
  readonly url: string;
  readonly exportName: string;
  readonly abortGraceMs: number;
  readonly maxThreads: number;
  readonly idleTimeoutMs: number;
  readonly resourceLimits: Readonly<Record<string, number>>;
}

/** What a timer can wait. */
const MAX_DELAY_MS = 2 ** 31 - 1;

const LIMITS: readonly (keyof WorkerResourceLimits)[] = [
  'maxOldGenerationSizeMb',
  'maxYoungGenerationSizeMb',
  'codeRangeSizeMb',
  'stackSizeMb',
];

/** Refuses what is not allowed. */
export function checkSettings(url: unknown, options: WorkerTaskOptions): WorkerSettings {
  const path = 'workerTask';
  checkNames(path, options, ['export', 'abortGraceMs', 'pool']);
  const { export: exportName = 'default', abortGraceMs = 500, pool = {} } = options;
  if (typeof exportName !== 'string' || exportName === '') {
    throw new InvalidOptionError(`${path}.export`, exportName, 'the name of an export');
  }
  checkNames(`${path}.pool`, pool, ['maxThreads', 'idleTimeoutMs', 'resourceLimits']);
  const { maxThreads = availableParallelism(), idleTimeoutMs = 30_000, resourceLimits = {} } = pool;
  return {
    url: checkFile(`${path}.url`, url),
    exportName,
    abortGraceMs: checkInteger(`${path}.abortGraceMs`, abortGraceMs, 0),
    maxThreads: checkInteger(`${path}.pool.maxThreads`, maxThreads, 1),
    idleTimeoutMs: checkInteger(`${path}.pool.idleTimeoutMs`, idleTimeoutMs, 0),
    resourceLimits: checkLimits(`${path}.pool.resourceLimits`, resourceLimits),
  };
}

function checkFile(path: string, url: unknown): string {
  const allowed = "the file URL of a module, such as new URL('./crunch.js', import.meta.url)";
  if (!(url instanceof URL) || url.protocol !== 'file:') {
    throw new InvalidOptionError(path, url instanceof URL ? url.href : url, allowed);
  }
  if (!isFile(url)) {
    throw new InvalidOptionError(path, url.href, 'the file URL of a module that exists');
  }
  return url.href;
}

function isFile(url: URL): boolean {
  try {
    return statSync(fileURLToPath(url)).isFile();
  } catch {
    return false;
  }
}

function checkLimits(path: string, limits: WorkerResourceLimits): Readonly<Record<string, number>> {
  checkNames(path, limits, LIMITS);
  const checked: Record<string, number> = {};
  for (const name of LIMITS) {
    const value: unknown = limits[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !(value > 0) || value === Infinity) {
      throw new InvalidOptionError(`${path}.${name}`, value, 'a number of megabytes above 0');
    }
    checked[name] = value;
  }
  return checked;
}

function checkNames(path: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(path, options, 'an object');
  }
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) {
      throw new InvalidOptionError(`${path}.${name}`, value, `one of ${known.join(', ')}`);
    }
  }
}

function checkInteger(path: string, value: unknown, min: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > MAX_DELAY_MS) {
    throw new InvalidOptionError(path, value, `a whole number from ${min} to ${MAX_DELAY_MS}`);
  }
  return value;
}
