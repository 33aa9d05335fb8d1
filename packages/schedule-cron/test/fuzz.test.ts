import { isSchedulerError } from '@cloudiful-scheduler/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cron } from '../src/index.js';
import { anyCron, sparseCron, write } from './expressions.js';

const LAST_INSTANT = 8_640_000_000_000_000;
const MOST_MS = 10;
/** The machine does other things too: what is slow once is tried again. */
const TRIES = 3;
const ALPHABET = Array.from('0123456789*/-,LW#?HC@ \t\nsunmonjanfebdecSUN+.eE~^%$|\\\u0000é１');

const anyText = fc.oneof(
  fc.string({ maxLength: 300, unit: 'binary' }),
  fc.array(fc.constantFrom(...ALPHABET), { maxLength: 80 }).map((letters) => letters.join('')),
  fc
    .array(fc.array(fc.constantFrom(...Array.from('0123456789*/-,')), { minLength: 1, maxLength: 12 }), {
      minLength: 4,
      maxLength: 6,
    })
    .map((fields) => fields.map((letters) => letters.join('')).join(' ')),
  fc.tuple(anyCron, fc.nat(), fc.constantFrom(...ALPHABET)).map(([tree, place, letter]) => {
    const text = write(tree, place % 2 === 0);
    const at = place % text.length;
    return text.slice(0, at) + letter + text.slice(at + 1);
  }),
  fc.integer({ min: 1, max: 260 }).map((length) => `${'*,'.repeat(length)}* * * * *`),
);

function measured<T>(work: () => T): T {
  for (let tries = 1; ; tries += 1) {
    const start = performance.now();
    const result = work();
    const took = performance.now() - start;
    if (took < MOST_MS) return result;
    expect(tries, `took ${took} ms`).toBeLessThan(TRIES);
  }
}

describe('whatever text is given', () => {
  test('it is read or refused with a typed error, soon', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(anyText, (text) => {
        measured(() => {
          try {
            const schedule = cron(text);
            expect(text.trim().split(/\s+/)).toHaveLength(5);
            expect(schedule.next(0, { timezone: 'UTC' })).toBeGreaterThan(0);
          } catch (error) {
            if (!isSchedulerError(error, 'ERR_INVALID_OPTION')) throw error;
          }
        });
      }),
      { numRuns: 10_000 },
    );
  });

  test('values that are no text are refused', () => {
    fc.assert(
      fc.property(
        fc.anything().filter((value) => typeof value !== 'string'),
        (value) => {
          expect(() => cron(value as string)).toThrow(
            expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
          );
        },
      ),
    );
  });
});

describe('whatever instant it is asked from', () => {
  const anyZone = fc.constantFrom(
    'UTC',
    'America/New_York',
    'Asia/Gaza',
    'Africa/Casablanca',
    'Europe/Dublin',
    'Africa/Monrovia',
  );
  const anyNumber = fc.oneof(
    fc.integer({ min: -LAST_INSTANT, max: LAST_INSTANT }),
    fc.integer({ min: Date.UTC(1800, 0, 1), max: Date.UTC(2200, 0, 1) }),
    fc.double(),
    fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      LAST_INSTANT,
      LAST_INSTANT - 1,
      -LAST_INSTANT,
    ),
  );

  test('next is later, due agrees with it, and both are repeatable', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(anyCron, sparseCron), anyZone, anyNumber, (tree, timezone, after) => {
        const schedule = cron(write(tree));
        const next = measured(() => schedule.next(after, { timezone }));
        expect(cron(write(tree, true)).next(after, { timezone })).toBe(next);
        if (next === undefined) return;
        expect(next).toBeGreaterThan(after);
        expect(next).toBeLessThanOrEqual(LAST_INSTANT);
        expect(Number.isInteger(next)).toBe(true);
        expect(schedule.due?.(next, next, { timezone })).toEqual({ count: 1, first: next, last: next });
      }),
      { numRuns: 2_000 },
    );
  });

  test('nothing is left at the end of time', () => {
    const schedule = cron('* * * * *');
    for (const timezone of ['UTC', 'America/New_York', 'Pacific/Kiritimati']) {
      expect(schedule.next(LAST_INSTANT, { timezone })).toBeUndefined();
      expect(schedule.next(LAST_INSTANT - 1, { timezone })).toBe(LAST_INSTANT);
      expect(schedule.next(Number.POSITIVE_INFINITY, { timezone })).toBeUndefined();
      expect(schedule.next(Number.NaN, { timezone })).toBeUndefined();
      expect(schedule.next(Number.NEGATIVE_INFINITY, { timezone })).toBeDefined();
    }
  });
});
