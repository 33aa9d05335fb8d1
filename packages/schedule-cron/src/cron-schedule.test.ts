import { describe, expect, test } from 'vitest';
import { CronSchedule } from './cron-schedule.js';
import type { GapRule, OverlapRule } from './daylight-saving.js';
import { parseExpression } from './expression.js';
import { Zone } from './zone.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Offsets are read 384 days at a time. */
const CHUNK = 384 * DAY;
const CONTEXT = { timezone: 'UTC' };

/** What `next` and `due` say around a single change at `change`, as distances from it. */
function answersAround(change: number, by: number, gap: GapRule, overlap: OverlapRule): unknown[] {
  const zone = new Zone((instant) => (instant < change ? 0 : by), false);
  const hour = new Date(change).getUTCHours();
  const { fields } = parseExpression(`*/10 ${hour},${(hour + 1) % 24} * * *`);
  const schedule = new CronSchedule({ fields, fingerprint: 'test', zone, gap, overlap });
  const until = change + 2 * DAY;
  const answers: unknown[] = [];
  for (let aside = -3 * HOUR; aside <= 30 * HOUR; aside += 7 * MINUTE) {
    const next = schedule.next(change + aside, CONTEXT) as number;
    const due = schedule.due(change + aside, until, CONTEXT);
    answers.push([next - change, due.count, (due.first as number) - change, (due.last as number) - change]);
  }
  return answers;
}

describe('a change near the border of two chunks', () => {
  const rules: [GapRule, OverlapRule][] = [
    ['next_instant', 'first'],
    ['shift', 'second'],
    ['skip', 'both'],
  ];

  test.each(rules)('is like any other, with the gap rule %s and the overlap rule %s', (gap, overlap) => {
    for (const by of [HOUR, -HOUR, DAY, -DAY]) {
      for (const aside of [-2 * HOUR, -50 * MINUTE, -10 * MINUTE, 0, 10 * MINUTE, 2 * HOUR, DAY, 3 * DAY]) {
        const change = 40 * CHUNK + aside;
        const label = `${by / MINUTE} minutes, ${aside / MINUTE} minutes from the border`;
        expect(answersAround(change, by, gap, overlap), label).toEqual(
          answersAround(change - 100 * DAY, by, gap, overlap),
        );
      }
    }
  });
});
