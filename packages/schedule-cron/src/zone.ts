import { InvalidOptionError } from '@cloudiful-scheduler/core';
import { readOffsets } from './offset.js';

/**
 * A stretch of time with one offset. Instants are epoch milliseconds; local times are counted the same
 * way on the wall, so that `local = instant + offset`.
 */
export interface Segment {
  /** The instant that the stretch begins at. */
  readonly from: number;
  /** The instant that it ends before. */
  readonly until: number;
  /** Milliseconds ahead of UTC. */
  readonly offset: number;
  /** Where the local times that the change at `from` skipped begin; `Infinity` when it skipped none. */
  readonly gapFrom: number;
  /** Local times before this existed in the stretch before; `-Infinity` when none did. */
  readonly repeatedUntil: number;
  /** Local times from this on exist again in the stretch after; `Infinity` when none do. */
  readonly repeatedFrom: number;
}

const MS_PER_SECOND = 1_000;
/**
 * How far apart offsets are read. The closest two changes of any zone lie 3.99 days apart (Freetown,
 * 1939), the widest change is 24 hours, so that no change is missed and none touches the one before it.
 */
const SAMPLE_MS = 3 * 86_400_000;
const LONGEST_CHANGE_MS = 86_400_000;
const SAMPLES_PER_CHUNK = 128;
const CHUNK_MS = SAMPLES_PER_CHUNK * SAMPLE_MS;
const MOST_CHUNKS = 1_024;
const MOST_ZONES = 1_024;

interface Change {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/**
 * The offsets of a time zone. They are read from `Intl` for about a year at a time, when first asked
 * for, and kept, since reading one offset costs about a microsecond. The stretches of neighbouring chunks
 * overlap where a change lies near their border, so that none is cut within what the change skipped.
 */
export class Zone {
  readonly #offsetAt: (instant: number) => number;
  readonly #chunks = new Map<number, readonly Segment[]>();
  #recent: Segment;

  constructor(offsetAt: (instant: number) => number, isUtc: boolean) {
    this.#offsetAt = offsetAt;
    this.#recent = {
      from: isUtc ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
      until: Number.POSITIVE_INFINITY,
      offset: 0,
      gapFrom: Number.POSITIVE_INFINITY,
      repeatedUntil: Number.NEGATIVE_INFINITY,
      repeatedFrom: Number.POSITIVE_INFINITY,
    };
  }

  /** The stretch that `instant` lies in. It may be cut where nothing changes. */
  segmentAt(instant: number): Segment {
    const recent = this.#recent;
    if (instant >= recent.from && instant < recent.until) return recent;
    const segments = this.#chunkOf(instant);
    let index = segments.length - 1;
    while ((segments[index] as Segment).from > instant) index -= 1;
    const segment = segments[index] as Segment;
    this.#recent = segment;
    return segment;
  }

  #chunkOf(instant: number): readonly Segment[] {
    const index = Math.floor(instant / CHUNK_MS);
    let chunk = this.#chunks.get(index);
    if (chunk === undefined) {
      if (this.#chunks.size >= MOST_CHUNKS) this.#chunks.clear();
      chunk = this.#readChunk(index * CHUNK_MS, (index + 1) * CHUNK_MS);
      this.#chunks.set(index, chunk);
    }
    return chunk;
  }

  #readChunk(from: number, until: number): Segment[] {
    const changes = this.#changesWithin(from - SAMPLE_MS, until + SAMPLE_MS);
    const starts = changes
      .filter((change) => change.at > from && change.at < until)
      .map((change) => change.at);
    return [from, ...starts].map((start) => {
      const entered = changes.findLast((change) => change.at <= start);
      const left = changes.find((change) => change.at > start);
      const offset = entered?.after ?? this.#offsetAt(start);
      return {
        from: entered?.at ?? start,
        until: left?.at ?? until + LONGEST_CHANGE_MS,
        offset,
        gapFrom:
          entered !== undefined && entered.before < offset
            ? entered.at + entered.before
            : Number.POSITIVE_INFINITY,
        repeatedUntil:
          entered !== undefined && entered.before > offset
            ? entered.at + entered.before
            : Number.NEGATIVE_INFINITY,
        repeatedFrom:
          left !== undefined && left.after < offset ? left.at + left.after : Number.POSITIVE_INFINITY,
      };
    });
  }

  #changesWithin(from: number, until: number): Change[] {
    const changes: Change[] = [];
    let before = this.#offsetAt(from);
    for (let low = from; low < until; low += SAMPLE_MS) {
      const after = this.#offsetAt(low + SAMPLE_MS);
      if (after !== before)
        changes.push({ at: this.#findChange(low, low + SAMPLE_MS, before), before, after });
      before = after;
    }
    return changes;
  }

  /** The instant in `(low, high]` at which the offset is `before` no more, by bisection to the second. */
  #findChange(low: number, high: number, before: number): number {
    let left = low / MS_PER_SECOND;
    let right = high / MS_PER_SECOND;
    while (right - left > 1) {
      const middle = Math.floor((left + right) / 2);
      if (this.#offsetAt(middle * MS_PER_SECOND) === before) left = middle;
      else right = middle;
    }
    return right * MS_PER_SECOND;
  }
}

const zones = new Map<string, Zone>();

/**
 * The offsets of a zone by its IANA name, shared by all schedules.
 *
 * @param option - What to call the name in an error.
 * @throws InvalidOptionError when `Intl` does not know the zone.
 */
export function zoneOf(name: string, option: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = openZone(name, option);
    if (zones.size >= MOST_ZONES) zones.clear();
    zones.set(name, zone);
  }
  return zone;
}

function openZone(name: unknown, option: string): Zone {
  const allowed = "the IANA name of a time zone, such as 'Europe/Berlin'";
  if (typeof name !== 'string' || name === '') throw new InvalidOptionError(option, name, allowed);
  try {
    const { offsetAt, canonicalName } = readOffsets(name);
    return new Zone(offsetAt, canonicalName === 'UTC');
  } catch (cause) {
    throw new InvalidOptionError(option, name, allowed, cause);
  }
}
