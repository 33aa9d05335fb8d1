import type { Schedule, ScheduleContext } from '@cloudiful-scheduler/core';
import { type ConformanceCase, expectSame, expectThat } from './conformance-case.js';

/** What the cases need to know of a schedule. */
export interface ScheduleConformanceOptions {
  /** Makes the schedule; two of them must be the same schedule. Called several times per case. */
  readonly create: () => Schedule;
  /** IANA name of the time zone that it is asked in. Default `UTC`. */
  readonly timezone?: string | undefined;
  /** Where to look at it. Default 2026-01-01T00:00:00Z. */
  readonly from?: Date | undefined;
  /** How many occurrences to look at. Default 200. */
  readonly count?: number | undefined;
}

/**
 * The promises of a {@link Schedule}, in layers: `identity`, `order`, `purity`; with a `due` also `due`.
 *
 * @example
 * ```ts
 * for (const { layer, name, run } of scheduleConformance({ create: () => every(5_000) })) {
 *   test(`${layer}: ${name}`, run);
 * }
 * ```
 */
export function scheduleConformance(options: ScheduleConformanceOptions): ConformanceCase[] {
  const { timezone = 'UTC', from = new Date('2026-01-01T00:00:00Z'), count = 200 } = options;
  const context: ScheduleContext = { timezone };
  const now = from.getTime();
  const cases: ConformanceCase[] = [];
  const add = (layer: string, name: string, check: (schedule: Schedule) => void): void => {
    cases.push({ layer, name, run: async () => check(options.create()) });
  };

  add('identity', 'names its kind and what it is', (schedule) => {
    expectThat(isText(schedule.kind), '`kind` must be a text that is not empty');
    expectThat(isText(schedule.fingerprint), '`fingerprint` must be a text that is not empty');
  });
  add('identity', 'has the same fingerprint each time it is made, and after use', (schedule) => {
    const before = schedule.fingerprint;
    walk(schedule, now, count, context);
    expectSame('fingerprint', schedule.fingerprint, before);
    expectSame('fingerprint', options.create().fingerprint, before);
  });
  add('order', 'gives whole milliseconds, each later than the one before', (schedule) => {
    let last = Number.NEGATIVE_INFINITY;
    for (const occurrence of walk(schedule, now, count, context)) {
      expectThat(Number.isSafeInteger(occurrence), `${occurrence} must be a whole number of milliseconds`);
      expectThat(occurrence > last, `${occurrence} must be later than ${last}`);
      last = occurrence;
    }
  });
  add('order', 'answers strictly after what it is asked from, wherever that lies', (schedule) => {
    for (const occurrence of walk(schedule, now, count, context)) {
      for (const after of [
        occurrence - 1,
        occurrence,
        occurrence + 1,
        occurrence + 500,
        occurrence + 1_800_000,
      ]) {
        const next = schedule.next(after, context);
        expectThat(next === undefined || next > after, `next(${after}) must be later, received ${next}`);
      }
    }
  });
  add('order', 'stays exhausted once it is', (schedule) => {
    const occurrences = walk(schedule, now, count, context);
    const last = occurrences.at(-1) ?? now;
    if (schedule.next(last, context) !== undefined) return;
    for (const after of [last + 1, last + 86_400_000, last + 1_000 * 86_400_000]) {
      expectSame(`next(${after}) of an exhausted schedule`, schedule.next(after, context), undefined);
    }
  });
  add('purity', 'gives the same answers again, in any order', (schedule) => {
    const occurrences = walk(schedule, now, count, context);
    const backwards = occurrences.toReversed();
    for (const [index, occurrence] of backwards.entries()) {
      const expected = index === 0 ? schedule.next(occurrence, context) : backwards[index - 1];
      expectSame(`next(${occurrence})`, schedule.next(occurrence, context), expected);
    }
    expectSame('occurrences of another one', walk(options.create(), now, count, context), occurrences);
  });
  if (options.create().due !== undefined) addDueCases(add, now, count, context);
  return cases;
}

function addDueCases(
  add: (layer: string, name: string, check: (schedule: Schedule) => void) => void,
  now: number,
  count: number,
  context: ScheduleContext,
): void {
  add(
    'due',
    'counts what stepping finds, in ranges that end at, before and after an occurrence',
    (schedule) => {
      const occurrences = walk(schedule, now, count, context);
      for (const [index, from] of occurrences.entries()) {
        for (const steps of [0, 1, 2, 7, 50]) {
          const last = occurrences[index + steps];
          if (last === undefined) continue;
          const next = schedule.next(last, context);
          for (const through of [last, last + 1, next === undefined ? last + 1_000 : next - 1]) {
            const expected = { count: steps + 1, first: from, last };
            const { count: counted, first, last: newest } = dueIn(schedule, from, through, context);
            expectSame(`due(${from}, ${through})`, { count: counted, first, last: newest }, expected);
          }
        }
      }
    },
  );
  add('due', 'is empty in a range that ends before it begins', (schedule) => {
    for (const from of walk(schedule, now, count, context)) {
      expectSame(`due(${from}, ${from - 1})`, dueIn(schedule, from, from - 1, context).count, 0);
    }
  });
}

function dueIn(schedule: Schedule, from: number, through: number, context: ScheduleContext) {
  return schedule.due?.(from, through, context) ?? { count: 0, first: undefined, last: undefined };
}

function walk(schedule: Schedule, now: number, count: number, context: ScheduleContext): number[] {
  const occurrences: number[] = [];
  let occurrence = schedule.first(now, context);
  while (occurrence !== undefined && occurrences.length < count) {
    occurrences.push(occurrence);
    occurrence = schedule.next(occurrence, context);
  }
  return occurrences;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
