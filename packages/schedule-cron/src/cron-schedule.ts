import type { DueSummary, Schedule, ScheduleContext } from '@cloudiful-scheduler/core';
import type { CronFields } from './cron-fields.js';
import type { GapRule, OverlapRule } from './daylight-saving.js';
import { LAST_INSTANT } from './last-instant.js';
import { countMarks, isMark, nextMark, previousMark } from './marks.js';
import { type Segment, type Zone, zoneOf } from './zone.js';

/** More than any zone is ahead of UTC: no local time is reached earlier than this before it in UTC. */
const MOST_AHEAD_MS = 86_400_000;
const NOTHING: DueSummary = { count: 0, first: undefined, last: undefined };

/** What a cron schedule is made of. */
export interface CronParts {
  readonly fields: CronFields;
  readonly fingerprint: string;
  /** The schedule's own zone; `undefined` follows the context. */
  readonly zone: Zone | undefined;
  readonly gap: GapRule;
  readonly overlap: OverlapRule;
}

/**
 * Occurrences are found stretch by stretch of equal offset. Within one, local time is UTC moved by a
 * constant, so that all work is integer arithmetic on the fields; what a change skipped or repeats is
 * told by the stretch.
 */
export class CronSchedule implements Schedule {
  readonly fingerprint: string;
  readonly #fields: CronFields;
  readonly #zone: Zone | undefined;
  readonly #gap: GapRule;
  readonly #overlap: OverlapRule;

  constructor(parts: CronParts) {
    this.fingerprint = parts.fingerprint;
    this.#fields = parts.fields;
    this.#zone = parts.zone;
    this.#gap = parts.fields.everyHour ? 'skip' : parts.gap;
    this.#overlap = parts.fields.everyHour ? 'both' : parts.overlap;
    Object.freeze(this);
  }

  get kind(): string {
    return 'cron';
  }

  get followsTimezone(): boolean {
    return this.#zone === undefined;
  }

  first(now: number, context: ScheduleContext): number | undefined {
    return this.next(now, context);
  }

  next(after: number, context: ScheduleContext): number | undefined {
    const start = Math.max(Math.floor(after) + 1, -LAST_INSTANT);
    return start <= LAST_INSTANT ? this.#firstFrom(start, this.#zoneFor(context)) : undefined;
  }

  due(from: number, through: number, context: ScheduleContext): DueSummary {
    const zone = this.#zoneFor(context);
    const end = Math.min(Math.floor(through), LAST_INSTANT);
    const start = Math.max(Math.ceil(from), -LAST_INSTANT);
    const first = start <= end ? this.#firstFrom(start, zone) : undefined;
    if (first === undefined || first > end) return NOTHING;
    let count = 0;
    let last = first;
    let at = first;
    while (at <= end) {
      const segment = zone.segmentAt(at);
      const lowest = this.#lowestLocal(segment, at);
      const limit = this.#localLimit(segment, Math.min(segment.until, end + 1));
      const regular = countMarks(this.#fields, lowest, limit);
      if (regular > 0) {
        count += regular;
        last = Math.max(last, previousMark(this.#fields, limit) - segment.offset);
      }
      let madeUp = this.#madeUpFrom(segment, at);
      while (madeUp <= end) {
        const isRegular = isMark(this.#fields, madeUp + segment.offset);
        if (!isRegular) {
          count += 1;
          last = Math.max(last, madeUp);
        }
        madeUp = this.#madeUpFrom(segment, madeUp + 1);
      }
      at = segment.until;
    }
    return { count, first, last };
  }

  #zoneFor(context: ScheduleContext): Zone {
    return this.#zone ?? zoneOf(context.timezone, 'timezone');
  }

  /** The first occurrence at or after `start`. */
  #firstFrom(start: number, zone: Zone): number | undefined {
    let at = start;
    while (at <= LAST_INSTANT) {
      const segment = zone.segmentAt(at);
      const mark = nextMark(this.#fields, this.#lowestLocal(segment, at));
      const regular =
        mark < this.#localLimit(segment, segment.until) ? mark - segment.offset : Number.POSITIVE_INFINITY;
      const found = Math.min(regular, this.#madeUpFrom(segment, at));
      if (found <= LAST_INSTANT) return found;
      const repeats = segment.repeatedFrom < Number.POSITIVE_INFINITY;
      at = repeats ? segment.until : Math.max(segment.until, mark - MOST_AHEAD_MS);
    }
    return undefined;
  }

  /** The earliest local time of `segment` that may run, from the instant `at` on. */
  #lowestLocal(segment: Segment, at: number): number {
    const local = at + segment.offset;
    return this.#overlap === 'first' ? Math.max(local, segment.repeatedUntil) : local;
  }

  /** The local time of `segment` that runs no more, before the instant `until`. */
  #localLimit(segment: Segment, until: number): number {
    const local = until + segment.offset;
    return this.#overlap === 'second' ? Math.min(local, segment.repeatedFrom) : local;
  }

  /** The first instant at or after `at` that stands for marks in the gap before `segment`, or `Infinity`. */
  #madeUpFrom(segment: Segment, at: number): number {
    const { from, offset, gapFrom } = segment;
    if (this.#gap === 'skip' || gapFrom === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const gapUntil = from + offset;
    if (this.#gap === 'next_instant') {
      return at <= from && nextMark(this.#fields, gapFrom) < gapUntil ? from : Number.POSITIVE_INFINITY;
    }
    const before = gapFrom - from;
    if (at + before >= gapUntil) return Number.POSITIVE_INFINITY;
    const mark = nextMark(this.#fields, Math.max(gapFrom, at + before));
    return mark < gapUntil ? mark - before : Number.POSITIVE_INFINITY;
  }
}
