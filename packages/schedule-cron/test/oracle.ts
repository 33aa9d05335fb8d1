import type { DaylightSaving } from '../src/index.js';
import type { CronTree, FieldTree } from './expressions.js';

/*
 * A second, slow opinion on when an expression runs. It shares no code with the package: it walks through
 * time minute by minute, asks Intl alone what the clock on the wall shows, and compares each minute of
 * the wall with the tree that the expression was written from.
 */

const MINUTE = 60_000;

/** What a walk through local time met, in order. */
export type Met =
  /** The wall showed the full minute `local` at `instant`. */
  | { readonly type: 'minute'; readonly instant: number; readonly local: number }
  /** The wall jumped forward at `instant` from `before` to `after`. */
  | { readonly type: 'jump'; readonly instant: number; readonly before: number; readonly after: number };

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clock on the wall of a zone shows, written as if it were UTC. For years from 1970. */
export function wallTime(zone: string, instant: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const [month, day, year, hour, minute, second] = (format.format(instant).match(/\d+/g) as string[]).map(
    Number,
  );
  return Date.UTC(year as number, (month as number) - 1, day, hour, minute, second);
}

/** Walks from `from` (a whole second) through `until`. */
export function walk(zone: string, from: number, until: number): Met[] {
  const met: Met[] = [];
  const step = (instant: number, shownBefore: number, shown: number, length: number): void => {
    if (shown - shownBefore > length) {
      met.push({ type: 'jump', instant, before: shownBefore + length, after: shown });
    }
    const fullMinute = Math.floor(shown / MINUTE) * MINUTE;
    const isContinuous = shown - shownBefore === length;
    if (isContinuous ? fullMinute > shownBefore : fullMinute === shown) {
      met.push({ type: 'minute', instant: instant - (shown - fullMinute), local: fullMinute });
    }
  };
  let shownBefore = wallTime(zone, from);
  for (let instant = from + MINUTE; instant <= until; instant += MINUTE) {
    const shown = wallTime(zone, instant);
    if (shown - shownBefore === MINUTE) {
      step(instant, shownBefore, shown, MINUTE);
    } else {
      let previous = shownBefore;
      for (let second = instant - MINUTE + 1_000; second <= instant; second += 1_000) {
        const now = wallTime(zone, second);
        step(second, previous, now, 1_000);
        previous = now;
      }
    }
    shownBefore = shown;
  }
  return met;
}

/** The instants within a walk at which an expression runs, in order. */
export function occurrencesIn(met: readonly Met[], tree: CronTree, daylightSaving: DaylightSaving): number[] {
  const { gap = 'next_instant', overlap = 'first' } = daylightSaving;
  const followsElapsedTime = tree.hour.length === 1 && tree.hour[0]?.type === 'star';
  const runs = new Set<number>();
  const instantsOf = new Map<number, number[]>();
  for (const one of met) {
    if (one.type === 'minute') {
      if (!matches(tree, one.local)) continue;
      const instants = instantsOf.get(one.local);
      if (instants === undefined) instantsOf.set(one.local, [one.instant]);
      else instants.push(one.instant);
    } else if (!followsElapsedTime && gap !== 'skip') {
      for (let local = Math.ceil(one.before / MINUTE) * MINUTE; local < one.after; local += MINUTE) {
        if (!matches(tree, local)) continue;
        runs.add(gap === 'shift' ? one.instant + (local - one.before) : one.instant);
      }
    }
  }
  for (const instants of instantsOf.values()) {
    if (followsElapsedTime || overlap === 'both') for (const instant of instants) runs.add(instant);
    else runs.add((overlap === 'first' ? instants[0] : instants.at(-1)) as number);
  }
  return [...runs].sort((a, b) => a - b);
}

/** Whether an expression names a minute of local time. */
export function matches(tree: CronTree, local: number): boolean {
  const date = new Date(local);
  return (
    names(tree.minute, date.getUTCMinutes(), 59) &&
    names(tree.hour, date.getUTCHours(), 23) &&
    matchesDay(tree, local)
  );
}

/** Whether an expression names the day of a local time. */
export function matchesDay(tree: CronTree, local: number): boolean {
  const date = new Date(local);
  if (!names(tree.month, date.getUTCMonth() + 1, 12)) return false;
  const byDay = names(tree.dayOfMonth, date.getUTCDate(), 31);
  const weekday = date.getUTCDay();
  const byWeekday = names(tree.dayOfWeek, weekday, 7) || (weekday === 0 && names(tree.dayOfWeek, 7, 7));
  if (isPlainStar(tree.dayOfMonth)) return byWeekday;
  if (isPlainStar(tree.dayOfWeek)) return byDay;
  return byDay || byWeekday;
}

function isPlainStar(field: FieldTree): boolean {
  const [item] = field;
  return field.length === 1 && item?.type === 'star' && item.step === 1;
}

function names(field: FieldTree, value: number, max: number): boolean {
  return field.some((item) => {
    switch (item.type) {
      case 'star':
        return (value - (max === 31 || max === 12 ? 1 : 0)) % item.step === 0;
      case 'value':
        return value === item.value;
      case 'range':
        return value >= item.from && value <= item.to && (value - item.from) % item.step === 0;
      default:
        return value >= item.from && (value - item.from) % item.step === 0;
    }
  });
}
