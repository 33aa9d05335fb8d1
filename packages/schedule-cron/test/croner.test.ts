import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cron, type DaylightSaving } from '../src/index.js';
import { anyCron, type CronTree, type FieldTree, sparseCron, write } from './expressions.js';
import { wallTime } from './oracle.js';
import { ALL_ZONES, changesIn, END_INSTANT, FIRST_INSTANT, type OffsetChange } from './zones.js';

/*
 * croner agrees with this package but for four differences:
 *
 * 1. Which hours are fixed. Here the hour field alone decides. In croner, with `fixedTimeRule:
 *    'no-wildcard'`, a wildcard or a step in the minute or the hour makes the whole expression follow
 *    elapsed time; by default a list or a range does, too. Our options give the same answers for those.
 * 2. A change of more than two hours, such as a skipped date: croner makes nothing up for it, and in the
 *    last second before one leaves out hours.
 * 3. A gap that ends on another date, such as 23:00 to 00:00: croner makes nothing up for the date before.
 * 4. `a/n` is refused by croner unless `sloppyRanges` is set, and then never reaches Sunday as 7.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const anyZone = fc.constantFrom(...ALL_ZONES);
const comparable = (tree: CronTree): boolean => tree.dayOfWeek.every(({ type }) => type !== 'open');
const anyTree = fc
  .oneof({ weight: 3, arbitrary: anyCron }, { weight: 1, arbitrary: sparseCron })
  .filter(comparable);

const theirs = (expression: string, timezone: string, after: number): number | undefined =>
  new Cron(expression, { timezone, paused: true, sloppyRanges: true, fixedTimeRule: 'no-wildcard' })
    .nextRun(new Date(after))
    ?.getTime();

/** Our rules that stand for what croner does with an expression. */
function rulesFor(tree: CronTree): DaylightSaving {
  const isPlain = (field: FieldTree): boolean =>
    field.every((item) => item.type === 'value' || (item.type === 'range' && item.step === 1));
  return isPlain(tree.minute) && isPlain(tree.hour) ? {} : { gap: 'skip', overlap: 'both' };
}

function compare(tree: CronTree, timezone: string, after: number): void {
  const expression = write(tree);
  const rules = rulesFor(tree);
  const other = theirs(expression, timezone, after);
  let ours = cron(expression, { daylightSaving: rules }).next(after, { timezone });
  const change = changesIn(timezone).find(({ at }) => at === ours);
  if (ours !== other && change !== undefined && endsOnAnotherDate(change)) {
    ours = cron(expression, { daylightSaving: { ...rules, gap: 'skip' } }).next(after, { timezone });
  }
  expect(ours, `${expression} in ${timezone} after ${after}`).toBe(other);
}

function endsOnAnotherDate({ zone, at, by }: OffsetChange): boolean {
  const after = wallTime(zone, at);
  return Math.floor((after - by) / DAY) < Math.floor(after / DAY);
}

describe('against croner', () => {
  test('the same answer from any instant', { timeout: 60_000 }, () => {
    const wideOnes = (zone: string): readonly OffsetChange[] =>
      changesIn(zone).filter(({ by }) => Math.abs(by) > 2 * HOUR);
    fc.assert(
      fc.property(
        anyTree,
        anyZone,
        fc.integer({ min: FIRST_INSTANT + DAY, max: END_INSTANT - DAY }),
        (tree, zone, after) => {
          fc.pre(wideOnes(zone).length === 0);
          compare(tree, zone, after);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('the same answer within hours of a change, also inside a repeated hour', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        anyTree,
        anyZone,
        fc.nat(),
        fc.integer({ min: -5 * HOUR, max: 5 * HOUR }),
        (tree, zone, pick, aside) => {
          const changes = changesIn(zone).filter(({ at, by }) => Math.abs(by) <= 2 * HOUR && at > DAY);
          const change = changes[pick % changes.length];
          fc.pre(change !== undefined);
          compare(tree, zone, change.at + aside);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('the four differences are as told', () => {
    const zone = { timezone: 'America/New_York' };
    const gap = Date.parse('2025-03-09T00:00-05:00');
    expect(theirs('*/15 2 * * *', zone.timezone, gap)).toBe(Date.parse('2025-03-10T02:00-04:00'));
    expect(cron('*/15 2 * * *').next(gap, zone)).toBe(Date.parse('2025-03-09T03:00-04:00'));
    const repeated = Date.parse('2025-11-02T01:00-05:00');
    expect(theirs('*/15 1 * * *', zone.timezone, repeated)).toBe(Date.parse('2025-11-02T01:15-05:00'));
    expect(cron('*/15 1 * * *').next(repeated, zone)).toBe(Date.parse('2025-11-03T01:00-05:00'));

    const skippedDate = Date.parse('2011-12-29T12:00-10:00');
    expect(theirs('0 12 * * *', 'Pacific/Apia', skippedDate)).toBe(Date.parse('2011-12-31T12:00+14:00'));
    expect(cron('0 12 * * *').next(skippedDate, { timezone: 'Pacific/Apia' })).toBe(
      Date.parse('2011-12-31T00:00+14:00'),
    );

    const beforeMidnight = Date.parse('2009-06-19T12:00+06:00');
    expect(theirs('0 23 * * *', 'Asia/Dhaka', beforeMidnight)).toBe(Date.parse('2009-06-20T23:00+07:00'));
    expect(cron('0 23 * * *').next(beforeMidnight, { timezone: 'Asia/Dhaka' })).toBe(
      Date.parse('2009-06-20T00:00+07:00'),
    );

    const saturday = Date.parse('2025-01-04T12:00Z');
    expect(theirs('0 0 * * 5/2', 'UTC', saturday)).toBe(Date.parse('2025-01-10T00:00Z'));
    expect(cron('0 0 * * 5/2').next(saturday, { timezone: 'UTC' })).toBe(Date.parse('2025-01-05T00:00Z'));
  });
});
