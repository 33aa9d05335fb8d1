const MS_PER_DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** How far local time is ahead of UTC at an instant, in milliseconds. */
export function offsetAt(instant: number, timezone: string): number {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timezone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000;
}

/** Local time as `HH:MM`, or `HH:MM:SS` where it has seconds or they are asked for. */
export function timeOfDay(instant: number, timezone: string, withSeconds = false): string {
  const text = new Date(instant + offsetAt(instant, timezone)).toISOString().slice(11, 19);
  return withSeconds || !text.endsWith(':00') ? text : text.slice(0, 5);
}

/** Local date as `Mon 2 Mar`. */
export function dateOf(instant: number, timezone: string): string {
  const local = new Date(instant + offsetAt(instant, timezone));
  return `${WEEKDAYS[local.getUTCDay()]} ${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]}`;
}

/** The instant of a local time such as `2026-03-08T02:30`: in a gap as far after it, of two the first. */
export function instantOf(local: string, timezone: string): number {
  const asUtc = Date.parse(`${local}Z`);
  const [before, after] = [asUtc - MS_PER_DAY, asUtc + MS_PER_DAY].map((day) => offsetAt(day, timezone));
  const [first, second] = [asUtc - (before ?? 0), asUtc - (after ?? 0)];
  return offsetAt(first, timezone) === before || offsetAt(second, timezone) !== after ? first : second;
}

/** When the clocks are changed between `start` and `end`. */
export function clockChanges(start: number, end: number, timezone: string): number[] {
  const changes: number[] = [];
  const step = 900_000;
  for (let before = start; before < end; before += step) {
    const offsetBefore = offsetAt(before, timezone);
    let [low, high] = [before, Math.min(before + step, end)];
    if (offsetAt(high, timezone) === offsetBefore) continue;
    while (high - low > 1_000) {
      const middle = low + Math.ceil((high - low) / 2_000) * 1_000;
      if (offsetAt(middle, timezone) === offsetBefore) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}
