import { CronExpressionParser } from 'cron-parser';

type ParsedFields = ReturnType<typeof CronExpressionParser.parse>['fields'];

/** One of the five fields of an expression. */
export interface FieldKind {
  /** What errors call it and say is allowed in it. */
  readonly name: string;
  readonly allowed: string;
  /** The lowest value; it is bit 0 of a set. */
  readonly min: number;
  /** How many different values there are. */
  readonly size: number;
  /** An expression in which `item` stands in this field. */
  readonly template: (item: string) => string;
  readonly read: (fields: ParsedFields) => readonly unknown[];
}

/** The values that a field names, as bits. */
export interface FieldValues {
  /** The 30 lowest values; bit 0 is the lowest. */
  readonly low: number;
  /** The 30 values after them. */
  readonly high: number;
  /** `n` when the field is written as `*` (1) or as `*` with the step n; else `undefined`. */
  readonly starStep: number | undefined;
}

export const MINUTE: FieldKind = {
  name: 'minute',
  allowed: '0 to 59',
  min: 0,
  size: 60,
  template: (item) => `${item} 0 1 1 0`,
  read: (fields) => fields.minute.values,
};

export const HOUR: FieldKind = {
  name: 'hour',
  allowed: '0 to 23',
  min: 0,
  size: 24,
  template: (item) => `0 ${item} 1 1 0`,
  read: (fields) => fields.hour.values,
};

export const DAY_OF_MONTH: FieldKind = {
  name: 'day of month',
  allowed: '1 to 31',
  min: 1,
  size: 31,
  template: (item) => `0 0 ${item} * 0`,
  read: (fields) => fields.dayOfMonth.values,
};

export const MONTH: FieldKind = {
  name: 'month',
  allowed: '1 to 12 or Jan to Dec',
  min: 1,
  size: 12,
  template: (item) => `0 0 1 ${item} 0`,
  read: (fields) => fields.month.values,
};

export const DAY_OF_WEEK: FieldKind = {
  name: 'day of week',
  allowed: '0 to 7 or Sun to Sat',
  min: 0,
  size: 7,
  template: (item) => `0 0 1 1 ${item}`,
  read: (fields) => fields.dayOfWeek.values,
};

const VALUES_IN_LOW = 30;
const ITEM = /^(?:\*|(?:\d{1,2}|[a-z]{3})(?:-(?:\d{1,2}|[a-z]{3}))?)(?:\/(\d{1,2}))?$/;
const STAR = /^\*(?:\/(\d{1,2}))?$/;
/** A range that ends on Sunday, such as `sat-sun`, where Sunday is 7. */
const UNTIL_SUNDAY = /^(?!sun|0)(\w+)-sun\b/;
const MOST_ITEMS_KEPT = 4_096;

interface ItemValues {
  readonly low: number;
  readonly high: number;
}

const itemsKept = new Map<string, ItemValues>();
/*
 * `*` is read when the package is loaded: the first use of `Intl` in a process, which cron-parser makes
 * too, takes ten milliseconds that no call of `cron()` should take.
 */
for (const kind of [MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK]) itemOf(kind, '*');

/**
 * Reads a field: items separated by commas. Each item is read by cron-parser by itself, since that
 * refuses lists whose items overlap, and kept by its text, since that takes 15 to 20 microseconds.
 *
 * @throws Error that says which item is not allowed.
 */
export function parseField(kind: FieldKind, text: string): FieldValues {
  const lower = text.toLowerCase();
  let low = 0;
  let high = 0;
  for (const item of lower.split(',')) {
    const values = itemOf(kind, item);
    low |= values.low;
    high |= values.high;
  }
  const star = STAR.exec(lower);
  return { low, high, starStep: star === null ? undefined : Number(star[1] ?? 1) };
}

function itemOf(kind: FieldKind, item: string): ItemValues {
  const key = `${kind.name} ${item}`;
  let values = itemsKept.get(key);
  if (values === undefined) {
    values = parseItem(kind, item);
    if (itemsKept.size >= MOST_ITEMS_KEPT) itemsKept.clear();
    itemsKept.set(key, values);
  }
  return values;
}

function parseItem(kind: FieldKind, item: string): ItemValues {
  const match = ITEM.exec(item);
  if (match === null) throw new Error(`${JSON.stringify(item)} cannot be read`);
  if (Number(match[1] ?? 1) > kind.size) throw new Error(`the step of ${JSON.stringify(item)} is too large`);
  const readable = kind === DAY_OF_WEEK ? item.replace(UNTIL_SUNDAY, '$1-7') : item;
  let low = 0;
  let high = 0;
  for (const value of kind.read(CronExpressionParser.parse(kind.template(readable)).fields)) {
    const bit = kind === DAY_OF_WEEK ? Number(value) % 7 : Number(value) - kind.min;
    if (bit < VALUES_IN_LOW) low |= 1 << bit;
    else high |= 1 << (bit - VALUES_IN_LOW);
  }
  return { low, high };
}
