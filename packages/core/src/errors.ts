const BRAND = Symbol.for('@cloudiful-scheduler/error');

/** Stable codes of the errors of this family. */
export type SchedulerErrorCode =
  | 'ERR_INVALID_OPTION'
  | 'ERR_DUPLICATE_JOB'
  | 'ERR_SCHEDULER_STOPPED'
  | 'ERR_STATE_CORRUPT'
  | 'ERR_STATE_FORMAT'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_STORE_DENIED'
  | 'ERR_GUARD_UNAVAILABLE'
  | 'ERR_GUARD_DENIED'
  | 'ERR_GUARD_CORRUPT'
  | 'ERR_TIMEOUT'
  | 'ERR_LEASE_LOST'
  | 'ERR_CANCELLED'
  | 'ERR_SHUTDOWN'
  | 'ERR_JOB_ENDED'
  | 'ERR_CONTRACT'
  | 'ERR_NOT_CLONEABLE'
  | 'ERR_WORKER_CRASHED'
  | 'ERR_WORKER_CLOSED';

/**
 * What sort of trouble an error is: `connection` heals and is retried, `data` is a record that cannot be
 * read, `denied` is a refusal that will not heal by itself, `unknown` is anything else.
 */
export type SchedulerErrorKind = 'connection' | 'data' | 'denied' | 'unknown';

/**
 * Base class of the errors that this family throws. Recognise it with {@link isSchedulerError} rather
 * than `instanceof`, which fails across the ESM and CommonJS copies of a package.
 */
export class SchedulerError extends Error {
  /** Stable identifier of the error. */
  readonly code: SchedulerErrorCode;
  /** What sort of trouble it is. */
  readonly kind: SchedulerErrorKind;

  constructor(
    code: SchedulerErrorCode,
    message: string,
    options: { readonly kind?: SchedulerErrorKind; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.kind = options.kind ?? 'unknown';
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** The name of the class. */
  override get name(): string {
    return 'SchedulerError';
  }
}

/**
 * Whether `error` is a {@link SchedulerError}, with `code` if given, from whichever copy of the package.
 *
 * @example
 * ```ts
 * try {
 *   defineJob(options);
 * } catch (error) {
 *   if (isSchedulerError(error, 'ERR_INVALID_OPTION')) console.error(error.message);
 * }
 * ```
 */
export function isSchedulerError(error: unknown, code?: SchedulerErrorCode): error is SchedulerError {
  return (
    typeof error === 'object' &&
    error !== null &&
    (error as { [BRAND]?: unknown })[BRAND] === true &&
    (code === undefined || (error as SchedulerError).code === code)
  );
}

const KINDS: readonly unknown[] = ['connection', 'data', 'denied'] satisfies SchedulerErrorKind[];

/** The kind of an error, also of one that a store or a guard made itself; `unknown` for whatever names none. */
export function kindOf(error: unknown): SchedulerErrorKind {
  try {
    const { kind } = error as { readonly kind?: unknown };
    return KINDS.includes(kind) ? (kind as SchedulerErrorKind) : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Whether an error says of itself that it will not heal. */
export function isForGood(error: unknown): boolean {
  const kind = kindOf(error);
  return kind === 'data' || kind === 'denied';
}

/** Thrown where an option is written that is not allowed. Code `ERR_INVALID_OPTION`. */
export class InvalidOptionError extends SchedulerError {
  /** Path of the option, such as `timeWindow.segments[0].start`. */
  readonly option: string;
  /** The value that was received. */
  readonly received: unknown;
  /** What is allowed, in words. */
  readonly allowed: string;

  constructor(option: string, received: unknown, allowed: string, cause?: unknown) {
    super(
      'ERR_INVALID_OPTION',
      `Invalid option ${option}: received ${describeValue(received)}, allowed is ${allowed}`,
      cause === undefined ? {} : { cause },
    );
    this.option = option;
    this.received = received;
    this.allowed = allowed;
  }

  override get name(): string {
    return 'InvalidOptionError';
  }
}

/** Thrown by `scheduler.start` for an id that is running already. Code `ERR_DUPLICATE_JOB`. */
export class DuplicateJobError extends SchedulerError {
  /** The job concerned. */
  readonly jobId: string;

  constructor(jobId: string) {
    super(
      'ERR_DUPLICATE_JOB',
      `A job with the id ${describeValue(jobId)} is running already in this scheduler`,
    );
    this.jobId = jobId;
  }

  override get name(): string {
    return 'DuplicateJobError';
  }
}

/**
 * A stored record that cannot be used: corrupt (`ERR_STATE_CORRUPT`) or written by a newer version
 * (`ERR_STATE_FORMAT`). The record is left as it is; the job fails. Kind `data`.
 */
export class StateDataError extends SchedulerError {
  /** The job concerned. */
  readonly jobId: string | undefined;

  constructor(
    code: 'ERR_STATE_CORRUPT' | 'ERR_STATE_FORMAT',
    message: string,
    options: { readonly jobId?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(code, message, { kind: 'data', cause: options.cause });
    this.jobId = options.jobId;
  }

  override get name(): string {
    return 'StateDataError';
  }
}

/**
 * A store that could not do what it was asked. `ERR_STORE_UNAVAILABLE` (kind `connection`) is retried,
 * `ERR_STORE_DENIED` (kind `denied`) ends the job.
 */
export class StoreError extends SchedulerError {
  constructor(
    code: 'ERR_STORE_UNAVAILABLE' | 'ERR_STORE_DENIED',
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, kind: code === 'ERR_STORE_DENIED' ? 'denied' : 'connection' });
  }

  override get name(): string {
    return 'StoreError';
  }
}

const GUARD_ERROR_KINDS = {
  ERR_GUARD_UNAVAILABLE: 'connection',
  ERR_GUARD_DENIED: 'denied',
  ERR_GUARD_CORRUPT: 'data',
} as const;

/**
 * A guard that could not do what it was asked. `ERR_GUARD_UNAVAILABLE` (kind `connection`) is retried,
 * `ERR_GUARD_DENIED` (kind `denied`) and `ERR_GUARD_CORRUPT` (kind `data`) end the job.
 */
export class GuardError extends SchedulerError {
  constructor(
    code: 'ERR_GUARD_UNAVAILABLE' | 'ERR_GUARD_DENIED' | 'ERR_GUARD_CORRUPT',
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, kind: GUARD_ERROR_KINDS[code] });
  }

  override get name(): string {
    return 'GuardError';
  }
}

/** A call that did not answer within its deadline; it may still have been carried out. Code `ERR_TIMEOUT`. */
export class TimeoutError extends SchedulerError {
  constructor(what: string, timeoutMs: number) {
    super('ERR_TIMEOUT', `${what} did not answer within ${timeoutMs} ms`, { kind: 'connection' });
  }

  override get name(): string {
    return 'TimeoutError';
  }
}

/** Reason of an aborted `signal`: the lease of the run can no longer be trusted. Code `ERR_LEASE_LOST`. */
export class LeaseLostError extends SchedulerError {
  constructor(message: string, cause?: unknown) {
    super('ERR_LEASE_LOST', message, { cause });
  }

  override get name(): string {
    return 'LeaseLostError';
  }
}

const STOPPED = {
  ERR_CANCELLED: 'was cancelled',
  ERR_SHUTDOWN: 'is shut down',
  ERR_JOB_ENDED: 'has come to its end',
} as const;

/**
 * Reason of an aborted `signal`: the job was cancelled (`ERR_CANCELLED`), or the grace of its shutdown is over
 * (`ERR_SHUTDOWN`). Calls of the handle reject with it from then on, and with `ERR_JOB_ENDED` after a job
 * that ended by itself.
 */
export class JobStoppedError extends SchedulerError {
  constructor(code: keyof typeof STOPPED, jobId: string) {
    super(code, `The job ${describeValue(jobId)} ${STOPPED[code]}`);
  }

  override get name(): string {
    return 'JobStoppedError';
  }
}

/**
 * A schedule, store or guard that answered what its contract does not allow, such as a next occurrence that is
 * not after the one before. The job fails, since nothing can be decided on such an answer. Code `ERR_CONTRACT`.
 */
export class ContractError extends SchedulerError {
  constructor(call: string, received: unknown, expected: string) {
    super('ERR_CONTRACT', `${call} answered ${describeValue(received)}, expected ${expected}`);
  }

  override get name(): string {
    return 'ContractError';
  }
}

/** The scheduler was shut down and takes no further jobs. Code `ERR_SCHEDULER_STOPPED`. */
export class SchedulerStoppedError extends SchedulerError {
  constructor() {
    super('ERR_SCHEDULER_STOPPED', 'The scheduler was shut down and starts no further jobs');
  }

  override get name(): string {
    return 'SchedulerStoppedError';
  }
}

/** A short text for any value, safe to put into a message. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      if (value instanceof Date)
        return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
      return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
    default:
      return String(value);
  }
}

/** What is kept of a message, in characters: some carry a server's whole answer, and they go into every record. */
const MESSAGE_LIMIT = 10_000;
const HALF_A_CHARACTER = /[\uD800-\uDBFF]$/;

/** A text for whatever was thrown; never empty, and cut off where it is longer than a record should carry. */
export function errorMessage(error: unknown): string {
  try {
    // JavaScript lets anything be thrown, and an error have anything as its message.
    const message: unknown = error instanceof Error ? error.message : undefined;
    const text = typeof message === 'string' && message !== '' ? message : String(error);
    if (text.length > MESSAGE_LIMIT) return `${text.slice(0, MESSAGE_LIMIT).replace(HALF_A_CHARACTER, '')}…`;
    if (text !== '') return text;
  } catch {
    // What cannot be turned into a text has none.
  }
  return 'an error that has no text';
}
