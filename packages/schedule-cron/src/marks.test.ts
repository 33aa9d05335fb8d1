import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sparseCron, write } from '../test/expressions.js';
import { matches } from '../test/oracle.js';
import { parseExpression } from './expression.js';
import { countMarks, isMark, nextMark, previousMark } from './marks.js';

const MINUTE = 60_000;
const fieldsOf = (expression: string) => parseExpression(expression).fields;
const utc = (text: string): number => Date.parse(`${text}Z`);

describe('marks', () => {
  test.each([
    ['0 0 29 2 *', '1896-03-01T00:00', '1904-02-29T00:00'],
    ['0 0 29 2 *', '2024-02-29T00:00', '2024-02-29T00:00'],
    ['59 23 31 12 *', '2025-01-01T00:00', '2025-12-31T23:59'],
    ['30 12 * * 1', '2025-06-09T12:31', '2025-06-16T12:30'],
    ['29,30 * * * *', '2025-06-09T12:30', '2025-06-09T12:30'],
    ['29 * * * *', '2025-06-09T12:30', '2025-06-09T13:29'],
  ])('the next of %s from %s is %s', (expression, from, expected) => {
    const fields = fieldsOf(expression);
    const mark = nextMark(fields, utc(from));
    expect(mark).toBe(utc(expected));
    expect(previousMark(fields, mark + 1)).toBe(mark);
    expect(isMark(fields, mark)).toBe(true);
    expect(isMark(fields, mark + 1)).toBe(false);
  });

  test.each([
    ['0 0 29 2 *', '1904-02-29T00:00', '1896-02-29T00:00'],
    ['0 12 1 1 *', '2025-01-01T12:00', '2024-01-01T12:00'],
    ['15,45 8-9 * * *', '2025-01-02T00:00', '2025-01-01T09:45'],
    ['15,45 8-9 * * *', '2025-01-02T09:40', '2025-01-02T09:15'],
    ['45 8-9 * * *', '2025-01-02T09:40', '2025-01-02T08:45'],
    ['40 * * * *', '2025-01-02T00:10', '2025-01-01T23:40'],
  ])('the last of %s before %s is %s', (expression, before, expected) => {
    expect(previousMark(fieldsOf(expression), utc(before))).toBe(utc(expected));
  });

  test('counting agrees with looking at each minute', () => {
    const anyMinute = fc.integer({
      min: utc('1999-12-25T00:00') / MINUTE,
      max: utc('2000-03-05T00:00') / MINUTE,
    });
    fc.assert(
      fc.property(sparseCron, anyMinute, fc.integer({ min: 0, max: 5_000 }), (tree, start, length) => {
        let count = 0;
        for (let minute = start; minute < start + length; minute += 1) {
          if (matches(tree, minute * MINUTE)) count += 1;
        }
        expect(countMarks(fieldsOf(write(tree)), start * MINUTE, (start + length) * MINUTE)).toBe(count);
      }),
    );
  });

  test('counting is additive over decades', () => {
    const anyLocal = fc.integer({ min: utc('1900-01-01T00:00'), max: utc('2100-01-01T00:00') });
    fc.assert(
      fc.property(sparseCron, anyLocal, anyLocal, anyLocal, (tree, ...places) => {
        const fields = fieldsOf(write(tree));
        const [a, b, c] = places.sort((x, y) => x - y);
        expect(countMarks(fields, a, b) + countMarks(fields, b, c)).toBe(countMarks(fields, a, c));
        expect(countMarks(fields, c, a)).toBe(0);
      }),
    );
  });

  test('an empty set of days is never found', () => {
    const fields = { ...fieldsOf('0 0 1 2 *'), daysOfMonth: 1 << 29 };
    expect(nextMark(fields, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(previousMark(fields, 0)).toBe(Number.NEGATIVE_INFINITY);
  });
});
