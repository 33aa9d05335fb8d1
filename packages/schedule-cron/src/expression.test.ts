import { CronExpressionParser } from 'cron-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCron, write } from '../test/expressions.js';
import { matches } from '../test/oracle.js';
import { parseExpression } from './expression.js';
import { isMark } from './marks.js';

describe('expressions', () => {
  test.each([
    ['* * * * *', '* * * * *'],
    ['  */1\t*/1  */1 */1 */1\n', '* * * * *'],
    ['*/15 9-17 * * Mon-Fri', '0,15,30,45 9-17 * * 1-5'],
    ['0 0 1 JAN,jul *', '0 0 1 1,7 *'],
    ['0 0 * * Sun', '0 0 * * 0'],
    ['0 0 * * 7', '0 0 * * 0'],
    ['0 0 * * Sat-Sun', '0 0 * * 0,6'],
    ['0 0 * * fri-sun/2', '0 0 * * 0,5'],
    ['0 0 * * Mon-Sun', '0 0 * * 0-6'],
    ['0 0 * * sun-tue', '0 0 * * 0-2'],
    ['0 0 * * sun-sun', '0 0 * * 0'],
    ['0 0 * * 0-7', '0 0 * * 0-6'],
    ['0 0 * * 5-7', '0 0 * * 0,5-6'],
    ['05 08 * * *', '5 8 * * *'],
    ['50/5 * * * *', '50,55 * * * *'],
    ['*/60 * * * *', '0 * * * *'],
    ['9-12,11-14,12 * * * *', '9-14 * * * *'],
    ['0-59 0-23 1-31 1-12 *', '* 0-23 1-31 * *'],
    ['0 */2 * * *', '0 */2 * * *'],
    ['0 0-23/2 * * *', '0 0,2,4,6,8,10,12,14,16,18,20,22 * * *'],
    ['0 */2,1 * * *', '0 0-2,4,6,8,10,12,14,16,18,20,22 * * *'],
    ['0 0 */10 * *', '0 0 1,11,21,31 * *'],
    ['28-32 * * * *', '28-32 * * * *'],
    ['0 0 29 2 *', '0 0 29 2 *'],
    ['0 0 30 2 Mon', '0 0 30 2 1'],
  ])('%s is %s', (expression, normalised) => {
    expect(parseExpression(expression).normalised).toBe(normalised);
    expect(parseExpression(normalised).normalised).toBe(normalised);
    expect(parseExpression(normalised).fields).toEqual(parseExpression(expression).fields);
  });

  test.each([
    ['', 'exactly five fields'],
    ['   ', 'exactly five fields'],
    ['@hourly', 'exactly five fields'],
    ['* * * *', 'exactly five fields'],
    ['0 * * * * *', 'exactly five fields'],
    ['* * * * * * 2025', 'exactly five fields'],
    ['60 * * * *', '0 to 59 as the minute'],
    ['* 24 * * *', '0 to 23 as the hour'],
    ['* * 0 * *', '1 to 31 as the day of month'],
    ['* * 32 * *', '1 to 31 as the day of month'],
    ['* * * 0 *', '1 to 12 or Jan to Dec as the month'],
    ['* * * 13 *', '1 to 12 or Jan to Dec as the month'],
    ['* * * * 8', '0 to 7 or Sun to Sat as the day of week'],
    ['30-10 * * * *', 'not "30-10"'],
    ['* * * * Fri-Mon', 'not "Fri-Mon"'],
    ['* * * * 6-0', 'not "6-0"'],
    ['* * * Dec-Jan *', 'not "Dec-Jan"'],
    ['*/0 * * * *', 'not "*/0"'],
    ['5/0 * * * *', 'not "5/0"'],
    ['*/61 * * * *', 'not "*/61"'],
    ['*/90 * * * *', 'not "*/90"'],
    ['* */25 * * *', 'not "*/25"'],
    ['1-5/ * * * *', 'not "1-5/"'],
    ['*/5/5 * * * *', 'not "*/5/5"'],
    ['**/5 * * * *', 'not "**/5"'],
    ['*-5 * * * *', 'not "*-5"'],
    ['1,,2 * * * *', 'not "1,,2"'],
    [', * * * *', 'not ","'],
    ['-1 * * * *', 'not "-1"'],
    ['1.5 * * * *', 'not "1.5"'],
    ['1e1 * * * *', 'not "1e1"'],
    ['001 * * * *', 'not "001"'],
    ['+1 * * * *', 'not "+1"'],
    ['１ * * * *', 'not "１"'],
    ['Mon * * * *', 'not "Mon"'],
    ['* * * Mon *', 'not "Mon"'],
    ['* * * * Jan', 'not "Jan"'],
    ['* * * Foo *', 'not "Foo"'],
    ['* * * January *', 'not "January"'],
    ['* * * * Monday', 'not "Monday"'],
    ['* * L * *', 'not "L"'],
    ['* * 15W * *', 'not "15W"'],
    ['* * LW * *', 'not "LW"'],
    ['* * * * 5L', 'not "5L"'],
    ['* * * * 5#2', 'not "5#2"'],
    ['* * ? * *', 'not "?"'],
    ['H * * * *', 'not "H"'],
    ['H(0-29)/10 * * * *', 'not "H(0-29)/10"'],
    ['@yearly', 'write 0 0 1 1 *'],
    ['@weekly', 'write 0 0 * * 0'],
    [' @Daily ', 'write 0 0 * * *'],
    ['@hourly', 'write 0 * * * *'],
    ['@reboot', 'exactly five fields'],
    ['0 0 30 2 *', 'a day of month that one of the months has'],
    ['0 0 30,31 Feb *', 'a day of month that one of the months has'],
    ['0 0 31 4,6,9,11 *', 'a day of month that one of the months has'],
    [`0${' '.repeat(300)}0 * * *`, 'at most 256 characters'],
    [`${'0,'.repeat(130)}0 0 * * *`, 'at most 256 characters'],
    [undefined, 'a string'],
    [null, 'a string'],
    [5, 'a string'],
    [['*', '*', '*', '*', '*'], 'a string'],
    [new String('* * * * *'), 'a string'],
  ])('%s is refused', (expression, allowed) => {
    let error: unknown;
    try {
      parseExpression(expression);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      option: 'cron.expression',
      received: expression,
    });
    expect((error as { allowed: string }).allowed).toContain(allowed);
  });

  test('the cause is kept', () => {
    expect(() => parseExpression('61 * * * *')).toThrow(
      expect.objectContaining({ cause: expect.any(Error) }),
    );
  });

  test('the sets hold what the expression was written from', () => {
    fc.assert(
      fc.property(anyCron, fc.boolean(), fc.integer({ min: 0, max: 4_000_000 }), (tree, named, minutes) => {
        const { fields } = parseExpression(write(tree, named));
        for (let ahead = 0; ahead < 100; ahead += 1) {
          const local = (minutes * 10 + ahead * 77) * 60_000;
          expect(isMark(fields, local)).toBe(matches(tree, local));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the field sets are those of cron-parser where it takes the whole expression', () => {
    fc.assert(
      fc.property(anyCron, (tree) => {
        const expression = write(tree);
        let theirs: ReturnType<typeof CronExpressionParser.parse>['fields'];
        try {
          theirs = CronExpressionParser.parse(expression).fields;
        } catch {
          return;
        }
        const { fields } = parseExpression(expression);
        const valuesOf = (bits: number, size: number, from: number): number[] =>
          Array.from({ length: size }, (_, bit) => bit)
            .filter((bit) => (bits >>> bit) & 1)
            .map((bit) => bit + from);
        expect([...valuesOf(fields.minutesLow, 30, 0), ...valuesOf(fields.minutesHigh, 30, 30)]).toEqual(
          theirs.minute.values,
        );
        expect(valuesOf(fields.hours, 24, 0)).toEqual(theirs.hour.values);
        expect(valuesOf(fields.months, 12, 1)).toEqual(theirs.month.values);
        const weekdays = new Set(theirs.dayOfWeek.values.map((value) => Number(value) % 7));
        expect(valuesOf(fields.daysOfWeek, 7, 0)).toEqual([...weekdays].sort((a, b) => a - b));
      }),
    );
  });
});
