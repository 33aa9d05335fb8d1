import fc from 'fast-check';
import { matchesDay } from './oracle.js';

/** One item of a field as a tree. `open` is `a/n`: from a to the end of the field. */
type ItemTree =
  | { readonly type: 'star'; readonly step: number }
  | { readonly type: 'value'; readonly value: number }
  | { readonly type: 'range'; readonly from: number; readonly to: number; readonly step: number }
  | { readonly type: 'open'; readonly from: number; readonly step: number };

export type FieldTree = readonly ItemTree[];

/** An expression before it is written down. */
export interface CronTree {
  readonly minute: FieldTree;
  readonly hour: FieldTree;
  readonly dayOfMonth: FieldTree;
  readonly month: FieldTree;
  readonly dayOfWeek: FieldTree;
}

const MONTHS = ['', 'Jan', 'feb', 'MAR', 'Apr', 'may', 'JUN', 'Jul', 'aug', 'SEP', 'Oct', 'nov', 'DEC'];
const WEEKDAYS = ['Sun', 'mon', 'TUE', 'Wed', 'thu', 'FRI', 'Sat'];
const STAR: FieldTree = [{ type: 'star', step: 1 }];

/** The text of an expression; `named` writes months and weekdays by name. */
export function write(tree: CronTree, named = false): string {
  const plain = (value: number): string => `${value}`;
  const month = named ? (value: number): string => MONTHS[value] as string : plain;
  const weekday = named ? (value: number): string => WEEKDAYS[value] ?? `${value}` : plain;
  return [
    writeField(tree.minute, plain),
    writeField(tree.hour, plain),
    writeField(tree.dayOfMonth, plain),
    writeField(tree.month, month),
    writeField(tree.dayOfWeek, weekday),
  ].join(' ');
}

function writeField(field: FieldTree, name: (value: number) => string): string {
  return field
    .map((item) => {
      switch (item.type) {
        case 'star':
          return item.step === 1 ? '*' : `*/${item.step}`;
        case 'value':
          return name(item.value);
        case 'range':
          return `${name(item.from)}-${name(item.to)}${item.step === 1 ? '' : `/${item.step}`}`;
        default:
          return `${name(item.from)}/${item.step}`;
      }
    })
    .join(',');
}

function anyItem(min: number, max: number): fc.Arbitrary<ItemTree> {
  const value = fc.integer({ min, max });
  const step = fc.integer({ min: 1, max: Math.min(max, 20) });
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('value' as const), value }) },
    {
      weight: 3,
      arbitrary: fc.tuple(value, value, fc.oneof(fc.constant(1), step)).map(([a, b, by]) => ({
        type: 'range' as const,
        from: Math.min(a, b),
        to: Math.max(a, b),
        step: by,
      })),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('open' as const), from: value, step }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('star' as const), step }) },
  );
}

function anyField(min: number, max: number, stars: number): fc.Arbitrary<FieldTree> {
  return fc.oneof(
    { weight: stars, arbitrary: fc.constant(STAR) },
    {
      weight: 1,
      arbitrary: fc
        .record({ type: fc.constant('star' as const), step: fc.integer({ min: 1, max: Math.min(max, 31) }) })
        .map((item) => [item]),
    },
    { weight: 4, arbitrary: fc.array(anyItem(min, max), { minLength: 1, maxLength: 3 }) },
  );
}

/** Whether an expression names a day that exists, by looking at each day of a leap year. */
function isPossible(tree: CronTree): boolean {
  for (let day = Date.UTC(2024, 0, 1); day < Date.UTC(2025, 0, 1); day += 86_400_000) {
    if (matchesDay(tree, day)) return true;
  }
  return false;
}

function anyTree(dayStars: number): fc.Arbitrary<CronTree> {
  return fc
    .record({
      minute: anyField(0, 59, 1),
      hour: anyField(0, 23, 2),
      dayOfMonth: anyField(1, 31, dayStars),
      month: anyField(1, 12, dayStars * 3),
      dayOfWeek: anyField(0, 7, dayStars),
    })
    .filter(isPossible);
}

/** Any expression; most run at least once a week. */
export const anyCron: fc.Arbitrary<CronTree> = anyTree(10);

/** Any expression; most name few days of the year. */
export const sparseCron: fc.Arbitrary<CronTree> = anyTree(1);
