import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cron, type DaylightSaving } from '../src/index.js';
import { anyCron, type CronTree, sparseCron, write } from './expressions.js';
import { matches, matchesDay, occurrencesIn, walk, wallTime } from './oracle.js';
import { ALL_ZONES, changesIn, END_INSTANT, FIRST_INSTANT, type OffsetChange } from './zones.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Longer than any change from 1970 on repeats. */
const REACH = 8 * HOUR;
/** `CRON_CHANGES=all` tries every change of every zone, which takes minutes. */
const CHANGES_PER_ZONE = process.env['CRON_CHANGES'] === 'all' ? Number.POSITIVE_INFINITY : 2;

const anyZone = fc.constantFrom(...ALL_ZONES);
const anyInstant = fc.integer({ min: FIRST_INSTANT + DAY, max: END_INSTANT - DAY });
const anyRules: fc.Arbitrary<DaylightSaving> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      gap: fc.constantFrom('next_instant', 'skip', 'shift'),
      overlap: fc.constantFrom('first', 'second', 'both'),
    }),
  },
);
/** An instant, most often within a few hours of a change. */
const anyPlace = fc
  .tuple(anyZone, anyInstant, fc.nat(), fc.integer({ min: -3 * HOUR, max: 3 * HOUR }), fc.nat(4))
  .map(([zone, instant, pick, aside, where]) => {
    const changes = changesIn(zone).filter(
      ({ at }) => at > FIRST_INSTANT + 2 * DAY && at < END_INSTANT - 2 * DAY,
    );
    const change = changes[pick % changes.length];
    return { zone, instant: change === undefined || where === 0 ? instant : change.at + aside };
  });

/** Holds `next` and `due` to what a walk from `from` until `until` met. */
function compare(
  zone: string,
  from: number,
  until: number,
  trees: readonly {
    readonly tree: CronTree;
    readonly rules: DaylightSaving;
    readonly starts: readonly number[];
  }[],
): void {
  const context = { timezone: zone };
  const start = Math.floor(from / 1_000) * 1_000;
  const met = walk(zone, start - REACH, until + REACH);
  for (const { tree, rules, starts } of trees) {
    const schedule = cron(write(tree), { daylightSaving: rules });
    const expected = occurrencesIn(met, tree, rules).filter(
      (instant) => instant >= start && instant <= until,
    );
    const stepped: number[] = [];
    for (
      let at = schedule.next(start - 1, context);
      at !== undefined && at <= until;
      at = schedule.next(at, context)
    ) {
      stepped.push(at);
    }
    const began = new Date(start).toISOString();
    const label = `${write(tree)} in ${zone} from ${began} by ${JSON.stringify(rules)}`;
    expect(stepped, label).toEqual(expected);
    for (const share of starts) {
      const asked = start + Math.floor(share * (until - start));
      const next = schedule.next(asked, context);
      const wanted = expected.find((instant) => instant > asked);
      if (wanted === undefined) expect(next === undefined || next > until, label).toBe(true);
      else expect(next, label).toBe(wanted);
      const due = expected.filter((instant) => instant >= asked);
      expect(schedule.due?.(asked, until, context), label).toEqual({
        count: due.length,
        first: due[0],
        last: due.at(-1),
      });
    }
  }
}

const anyShare = fc.double({ min: 0, max: 1, noNaN: true });
const anyCase = fc.record({
  tree: anyCron,
  rules: anyRules,
  starts: fc.array(anyShare, { minLength: 1, maxLength: 4 }),
});

describe('against a walk through local time', () => {
  test('next and due agree for any expression, zone, rule and start', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        anyPlace,
        fc.array(anyCase, { minLength: 4, maxLength: 10 }),
        ({ zone, instant }, cases) => {
          compare(zone, instant - 20 * HOUR, instant + 20 * HOUR, cases);
        },
      ),
      { numRuns: 250 },
    );
  });

  test('they agree at changes of every zone that Intl knows', { timeout: 1_200_000 }, () => {
    const trees = fc.sample(fc.tuple(anyCron, anyRules), { numRuns: 64, seed: 1970 });
    const daily = (hour: CronTree['hour']): CronTree => ({
      minute: [{ type: 'star', step: 20 }],
      hour,
      dayOfMonth: [{ type: 'star', step: 1 }],
      month: [{ type: 'star', step: 1 }],
      dayOfWeek: [{ type: 'star', step: 1 }],
    });
    let turn = 0;
    for (const zone of ALL_ZONES) {
      const changes = changesIn(zone);
      const odd = changes.filter(({ by }) => Math.abs(by) !== HOUR).slice(0, CHANGES_PER_ZONE);
      const chosen = new Set<OffsetChange>(odd);
      for (let count = 0; count < Math.min(CHANGES_PER_ZONE, changes.length); count += 1) {
        const index = Number.isFinite(CHANGES_PER_ZONE) ? (turn * 7 + count * 31) % changes.length : count;
        chosen.add(changes[index] as OffsetChange);
      }
      for (const change of chosen) {
        if (change.at < FIRST_INSTANT + REACH) continue;
        turn += 1;
        const [tree, rules] = trees[turn % trees.length] as [CronTree, DaylightSaving];
        compare(zone, change.at - 3 * HOUR, change.at + 3 * HOUR, [
          { tree: daily([{ type: 'star', step: 1 }]), rules: {}, starts: [0.4, 0.5, 0.6] },
          { tree: daily([{ type: 'range', from: 0, to: 23, step: 1 }]), rules: {}, starts: [0.4, 0.5, 0.6] },
          { tree, rules, starts: [0.45, 0.55] },
        ]);
      }
    }
    expect(turn).toBeGreaterThan(500);
  });

  test('a far occurrence matches, and no day between does', { timeout: 60_000 }, () => {
    const fixed: CronTree['hour'] = [{ type: 'range', from: 0, to: 23, step: 7 }];
    fc.assert(
      fc.property(anyPlace, sparseCron, ({ zone, instant }, { hour, ...others }) => {
        const tree = { ...others, hour: hour[0]?.type === 'star' ? fixed : hour };
        const next = cron(write(tree), { timezone: zone }).next(instant, { timezone: 'UTC' }) as number;
        const local = wallTime(zone, next);
        const isMadeUp = changesIn(zone).some(({ at, by }) => at === next && by > 0);
        expect(next).toBeGreaterThan(instant);
        expect(isMadeUp || matches(tree, local)).toBe(true);
        const today = Math.floor(wallTime(zone, instant) / DAY) * DAY;
        for (let day = today + DAY; day < local - 2 * DAY; day += DAY) {
          expect(matchesDay(tree, day), `${write(tree)} in ${zone} from ${instant}`).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
