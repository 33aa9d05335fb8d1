import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { civilFromDays, daysFromCivil, daysInMonth, weekdayOf } from './calendar.js';

const MS_PER_DAY = 86_400_000;
const anyDay = fc.integer({ min: -100_000_000, max: 100_000_000 });

describe('the calendar', () => {
  test('agrees with Date on every day that Date knows', () => {
    fc.assert(
      fc.property(anyDay, (days) => {
        const date = new Date(days * MS_PER_DAY);
        const civil = civilFromDays(days);
        expect(civil).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
        });
        expect(daysFromCivil(civil.year, civil.month, civil.day)).toBe(days);
        expect(weekdayOf(days)).toBe(date.getUTCDay());
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    [2000, 2, 29],
    [1900, 2, 28],
    [2100, 2, 28],
    [2024, 2, 29],
    [2025, 2, 28],
    [2025, 4, 30],
    [2025, 12, 31],
  ])('month %i-%i has %i days', (year, month, days) => {
    expect(daysInMonth(year, month)).toBe(days);
  });
});
