import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cron } from '../src/index.js';
import { GOLDEN, goldenMarkdown } from './golden.js';

const GUIDE = new URL('../../../docs/guides/cron.md', import.meta.url);

const instant = (text: string): number => Date.parse(text);
const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

describe('the golden table', () => {
  test.each(GOLDEN)('$zone $expression after $after: $why', ({ zone, expression, rules, after, runs }) => {
    const context = { timezone: zone };
    const schedule = cron(expression, { daylightSaving: rules });
    let at: number | undefined = instant(after);
    for (const run of runs) {
      at = schedule.next(at as number, context);
      expect(iso(at)).toBe(iso(instant(run)));
    }
    const first = instant(runs[0] as string);
    const last = instant(runs.at(-1) as string);
    expect(schedule.due?.(first, last, context)).toEqual({ count: runs.length, first, last });
    expect(schedule.first(instant(after), context)).toBe(first);
  });

  test('the guide shows it', () => {
    expect(readFileSync(GUIDE, 'utf8')).toContain(goldenMarkdown());
  });
});
