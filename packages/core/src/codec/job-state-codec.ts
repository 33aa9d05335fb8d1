import { describeValue, StateDataError } from '../errors.js';
import type { InFlightRun, JobState } from '../job-state.js';
import { formatTimestamp, parseTimestamp } from './timestamp.js';

/** The version of the record that this library writes. */
const FORMAT_VERSION = 1;

/**
 * Turns a state into the text that stores keep: one JSON object with the fields of the Rust crate
 * `cloudiful-scheduler` and those that this library adds.
 *
 * @throws StateDataError with the code `ERR_STATE_CORRUPT` for a state that could not be read back.
 * @example
 * ```ts
 * await database.put(state.jobId, encodeJobState(state));
 * ```
 */
export function encodeJobState(state: JobState): string {
  checkObject(undefined, 'the state', state);
  const write = new FieldWriter(state.jobId);
  return JSON.stringify({
    job_id: write.text('job_id', state.jobId),
    trigger_count: write.count('trigger_count', state.triggerCount, 0),
    last_run_at: write.optionalTime('last_run_at', state.lastRunAt),
    last_success_at: write.optionalTime('last_success_at', state.lastSuccessAt),
    next_run_at: write.optionalTime('next_run_at', state.nextRunAt),
    last_error: write.optionalString('last_error', state.lastError),
    last_scheduled_at: write.optionalTime('last_scheduled_at', state.lastScheduledAt),
    paused: write.flag('paused', state.paused),
    in_flight: write
      .list('in_flight', state.inFlight)
      .map((run, index) => encodeRun(write, run, `in_flight[${index}]`)),
    schedule_fingerprint: write.optionalString('schedule_fingerprint', state.scheduleFingerprint),
    format_version: FORMAT_VERSION,
  });
}

/**
 * Reads the text of {@link encodeJobState}, or a record that the Rust crate wrote. Absent fields take
 * their defaults; unknown ones are ignored.
 *
 * @param text - The stored text.
 * @param jobId - The job that the record has to be of, if known.
 * @throws StateDataError with the code `ERR_STATE_CORRUPT` for what is malformed, and `ERR_STATE_FORMAT`
 * for a record that a newer version of this library wrote.
 * @example
 * ```ts
 * const text = await database.get(jobId);
 * return text === undefined ? undefined : decodeJobState(text, jobId);
 * ```
 */
export function decodeJobState(text: string, jobId?: string): JobState {
  const read = new FieldReader(jobId, parse(text, jobId));
  const version = read.optional('format_version', (name) => read.count(name, 1)) ?? FORMAT_VERSION;
  if (version > FORMAT_VERSION) {
    throw new StateDataError(
      'ERR_STATE_FORMAT',
      `The stored state of job ${describeValue(jobId ?? read.field('job_id'))} has the format ${version}; this version reads up to ${FORMAT_VERSION}`,
      { jobId },
    );
  }
  const storedId = read.text('job_id');
  if (jobId !== undefined && storedId !== jobId) {
    throw read.corrupt('job_id', storedId, describeValue(jobId));
  }
  return {
    jobId: storedId,
    triggerCount: read.count('trigger_count', 0),
    lastRunAt: read.optional('last_run_at', (name) => read.time(name)),
    lastSuccessAt: read.optional('last_success_at', (name) => read.time(name)),
    nextRunAt: read.optional('next_run_at', (name) => read.time(name)),
    lastError: read.optional('last_error', (name) => read.string(name)),
    lastScheduledAt: read.optional('last_scheduled_at', (name) => read.time(name)),
    paused: read.optional('paused', (name) => read.flag(name)) ?? false,
    inFlight: (read.optional('in_flight', (name) => read.list(name)) ?? []).map((run, index) =>
      decodeRun(new FieldReader(storedId, run, `in_flight[${index}].`)),
    ),
    scheduleFingerprint: read.optional('schedule_fingerprint', (name) => read.string(name)),
  };
}

function encodeRun(write: FieldWriter, run: InFlightRun, path: string): Record<string, unknown> {
  checkObject(write.jobId, path, run);
  return {
    scheduled_at: write.time(`${path}.scheduled_at`, run.scheduledAt),
    catch_up: write.flag(`${path}.catch_up`, run.catchUp),
    trigger_count: write.count(`${path}.trigger_count`, run.triggerCount, 0),
    attempt: write.count(`${path}.attempt`, run.attempt, 1),
    owner: write.text(`${path}.owner`, run.owner),
    ...(run.manual === true ? { manual: true } : {}),
    ...(run.handedBack === true ? { handed_back: true } : {}),
  };
}

function decodeRun(read: FieldReader): InFlightRun {
  return {
    scheduledAt: read.time('scheduled_at'),
    catchUp: read.flag('catch_up'),
    triggerCount: read.count('trigger_count', 0),
    attempt: read.count('attempt', 1),
    owner: read.text('owner'),
    ...(read.optional('manual', (name) => read.flag(name)) === true ? { manual: true } : {}),
    ...(read.optional('handed_back', (name) => read.flag(name)) === true ? { handedBack: true } : {}),
  };
}

function parse(text: string, jobId: string | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StateDataError(
      'ERR_STATE_CORRUPT',
      `The stored state of ${jobId === undefined ? 'a job' : `job ${describeValue(jobId)}`} is not JSON`,
      { jobId, cause },
    );
  }
}

/** Checks the fields of a record while it is read. */
class FieldReader {
  readonly #fields: Record<string, unknown>;

  constructor(
    private readonly jobId: string | undefined,
    fields: unknown,
    private readonly path = '',
  ) {
    checkObject(jobId, path === '' ? 'the record' : path.slice(0, -1), fields);
    this.#fields = fields as Record<string, unknown>;
  }

  field(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  optional<T>(name: string, read: (name: string) => T): T | undefined {
    const value = this.field(name);
    return value === undefined || value === null ? undefined : read(name);
  }

  string(name: string): string {
    const value = this.field(name);
    if (typeof value !== 'string') throw this.corrupt(name, value, 'a string');
    return value;
  }

  text(name: string): string {
    const value = this.string(name);
    if (value === '') throw this.corrupt(name, value, 'a string that is not empty');
    return value;
  }

  flag(name: string): boolean {
    const value = this.field(name);
    if (typeof value !== 'boolean') throw this.corrupt(name, value, 'true or false');
    return value;
  }

  count(name: string, min: number): number {
    const value = this.field(name);
    if (!isCount(value, min)) throw this.corrupt(name, value, `a whole number from ${min}`);
    return value;
  }

  time(name: string): Date {
    const value = this.field(name);
    const time = typeof value === 'string' ? parseTimestamp(value) : undefined;
    if (time === undefined) throw this.corrupt(name, value, 'an RFC 3339 time');
    return time;
  }

  list(name: string): readonly unknown[] {
    const value = this.field(name);
    if (!Array.isArray(value)) throw this.corrupt(name, value, 'a list');
    return value;
  }

  corrupt(name: string, value: unknown, expected: string): StateDataError {
    return corruptState(this.jobId, `${this.path}${name}`, value, expected);
  }
}

/** Checks the fields of a state while it is written. */
class FieldWriter {
  constructor(readonly jobId: string) {}

  optionalString(name: string, value: unknown): string | null {
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') throw corruptState(this.jobId, name, value, 'a string');
    return value;
  }

  flag(name: string, value: unknown): boolean {
    if (typeof value !== 'boolean') throw corruptState(this.jobId, name, value, 'true or false');
    return value;
  }

  list<T>(name: string, value: readonly T[]): readonly T[] {
    if (!Array.isArray(value)) throw corruptState(this.jobId, name, value, 'a list');
    return value;
  }

  text(name: string, value: unknown): string {
    if (typeof value !== 'string' || value === '')
      throw corruptState(this.jobId, name, value, 'a string that is not empty');
    return value;
  }

  count(name: string, value: unknown, min: number): number {
    if (!isCount(value, min)) throw corruptState(this.jobId, name, value, `a whole number from ${min}`);
    return value;
  }

  time(name: string, value: unknown): string {
    if (!(value instanceof Date) || Number.isNaN(value.getTime()))
      throw corruptState(this.jobId, name, value, 'a valid Date');
    return formatTimestamp(value);
  }

  optionalTime(name: string, value: Date | undefined): string | null {
    return value === undefined ? null : this.time(name, value);
  }
}

function checkObject(jobId: string | undefined, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw corruptState(jobId, name, value, 'an object');
}

function isCount(value: unknown, min: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min;
}

function corruptState(
  jobId: string | undefined,
  name: string,
  value: unknown,
  expected: string,
): StateDataError {
  return new StateDataError(
    'ERR_STATE_CORRUPT',
    `The state of ${jobId === undefined ? 'a job' : `job ${describeValue(jobId)}`} is corrupt: ${name} is ${describeValue(value)}, expected ${expected}`,
    { jobId },
  );
}
