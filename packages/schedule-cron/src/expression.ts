import { InvalidOptionError } from '@cloudiful-scheduler/core';
import { daysInMonth } from './calendar.js';
import type { CronFields } from './cron-fields.js';
import {
  DAY_OF_MONTH,
  DAY_OF_WEEK,
  type FieldKind,
  type FieldValues,
  HOUR,
  MINUTE,
  MONTH,
  parseField,
} from './field.js';

/** An expression that has been read. */
export interface Expression {
  readonly fields: CronFields;
  /** The same text for all expressions that name the same times by the same rules. */
  readonly normalised: string;
}

const OPTION = 'cron.expression';
const LONGEST = 256;
const FIELDS = 'five fields: minute, hour, day of month, month, day of week';
/** What to write instead of names that other libraries take. */
const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const LEAP_YEAR = 2000;

/**
 * Reads an expression of five fields.
 *
 * @throws InvalidOptionError when it is not one, or when it names no day that exists.
 */
export function parseExpression(expression: unknown): Expression {
  if (typeof expression !== 'string' || expression.length > LONGEST) {
    throw new InvalidOptionError(
      OPTION,
      expression,
      `a string of at most ${LONGEST} characters with ${FIELDS}`,
    );
  }
  const texts = expression.trim().split(/\s+/);
  const written = NICKNAMES[expression.trim().toLowerCase()];
  if (written !== undefined)
    throw new InvalidOptionError(OPTION, expression, `exactly ${FIELDS}; write ${written}`);
  if (texts.length !== 5 || texts[0] === '') {
    throw new InvalidOptionError(OPTION, expression, `exactly ${FIELDS}`);
  }
  const [minuteText, hourText, dayOfMonthText, monthText, dayOfWeekText] = texts as [
    string,
    string,
    string,
    string,
    string,
  ];
  const read = (kind: FieldKind, text: string): FieldValues => {
    try {
      return parseField(kind, text);
    } catch (cause) {
      const allowed = `${kind.allowed} as the ${kind.name} (*, a value, a-b, a step /n, or a list of these)`;
      throw new InvalidOptionError(OPTION, expression, `${allowed}, not ${JSON.stringify(text)}`, cause);
    }
  };
  const minutes = read(MINUTE, minuteText);
  const hours = read(HOUR, hourText);
  const daysOfMonth = read(DAY_OF_MONTH, dayOfMonthText);
  const months = read(MONTH, monthText);
  const daysOfWeek = read(DAY_OF_WEEK, dayOfWeekText);
  const fields: CronFields = {
    minutesLow: minutes.low,
    minutesHigh: minutes.high,
    hours: hours.low,
    daysOfMonth: daysOfMonth.low | (daysOfMonth.high << 30),
    months: months.low,
    daysOfWeek: daysOfWeek.low,
    everyHour: hours.starStep !== undefined,
    anyDayOfMonth: daysOfMonth.starStep === 1,
    anyDayOfWeek: daysOfWeek.starStep === 1,
  };
  if (fields.anyDayOfWeek && !namesSomeDay(fields)) {
    throw new InvalidOptionError(OPTION, expression, 'a day of month that one of the months has');
  }
  const normalised = [
    textOf(MINUTE, minutes, false),
    hours.starStep === undefined || hours.starStep === 1 ? textOf(HOUR, hours, true) : `*/${hours.starStep}`,
    textOf(DAY_OF_MONTH, daysOfMonth, true),
    textOf(MONTH, months, false),
    textOf(DAY_OF_WEEK, daysOfWeek, true),
  ].join(' ');
  return { fields, normalised };
}

function namesSomeDay(fields: CronFields): boolean {
  for (let month = 1; month <= 12; month += 1) {
    const inMonth = 0x7fffffff >>> (31 - daysInMonth(LEAP_YEAR, month));
    if ((fields.months >>> (month - 1)) & 1 && (fields.daysOfMonth & inMonth) !== 0) return true;
  }
  return false;
}

/**
 * The values of a field as ranges. Where `*` means more than all values (`starMatters`), only a written
 * star gives one.
 */
function textOf(kind: FieldKind, values: FieldValues, starMatters: boolean): string {
  const has = (index: number): boolean =>
    ((index < 30 ? values.low >>> index : values.high >>> (index - 30)) & 1) === 1 && index < kind.size;
  const parts: string[] = [];
  for (let index = 0; index < kind.size; index += 1) {
    if (!has(index)) continue;
    const start = index;
    while (has(index + 1)) index += 1;
    parts.push(start === index ? `${start + kind.min}` : `${start + kind.min}-${index + kind.min}`);
  }
  const isWhole = parts[0] === `${kind.min}-${kind.min + kind.size - 1}`;
  return isWhole && (!starMatters || values.starStep === 1) ? '*' : parts.join(',');
}
