import { InvalidOptionError } from '../errors.js';
import { checkInstant } from '../options.js';
import type { DueSummary, Schedule } from '../schedule.js';

/**
 * A schedule of absolute instants, sorted and without duplicates. The first run waits for the first
 * planned time; times that are past when the job starts are missed runs. An empty list finishes at once.
 *
 * @throws InvalidOptionError when `times` is not an array of valid `Date`s.
 * @example
 * ```ts
 * atTimes([new Date('2026-12-01T08:00:00Z'), new Date('2026-12-24T08:00:00Z')]);
 * ```
 */
export function atTimes(times: readonly Date[]): Schedule {
  if (!Array.isArray(times)) throw new InvalidOptionError('atTimes.times', times, 'an array of valid Dates');
  const sorted = Float64Array.from(times, (time, index) =>
    checkInstant(`atTimes.times[${index}]`, time),
  ).sort();
  return new AtTimesSchedule(sorted.filter((time, index) => index === 0 || time !== sorted[index - 1]));
}

class AtTimesSchedule implements Schedule {
  readonly kind = 'at_times';
  readonly fingerprint: string;
  readonly #times: Float64Array;

  constructor(times: Float64Array) {
    this.#times = times;
    this.fingerprint = `at_times ${times.length} ${hashOf(times)}`;
    Object.freeze(this);
  }

  first(): number | undefined {
    return this.#times[0];
  }

  next(after: number): number | undefined {
    return this.#times[this.#countThrough(after)];
  }

  due(from: number, through: number): DueSummary {
    const start = this.#countThrough(from - 1);
    const count = this.#countThrough(through) - start;
    if (count <= 0) return { count: 0, first: undefined, last: undefined };
    return { count, first: this.#times[start], last: this.#times[start + count - 1] };
  }

  /** How many times are at or before `instant`, by binary search. */
  #countThrough(instant: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] as number) <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * 64 bits of FNV-1a over the bytes of the times, in two 32-bit lanes with different offset bases
 * (G. Fowler, L. C. Noll, K.-P. Vo: "The FNV Non-Cryptographic Hash Algorithm").
 */
function hashOf(times: Float64Array): string {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (const byte of new Uint8Array(times.buffer, times.byteOffset, times.byteLength)) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x01000193);
  }
  return [high, low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
