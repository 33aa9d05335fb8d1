/** A change of a zone's offset, in milliseconds. */
export interface OffsetChange {
  readonly zone: string;
  /** The first instant with the new offset. */
  readonly at: number;
  /** How far the wall jumps; positive for a gap. */
  readonly by: number;
}

const DAY = 86_400_000;

/** All zones that `Intl` knows, and the historic names of a few. */
export const ALL_ZONES: readonly string[] = [
  ...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/GMT+12', 'Etc/GMT-14']),
];

/** The instants between which golden rules and random tests move: 1970 to the end of 2037. */
export const FIRST_INSTANT = 0;
export const END_INSTANT = Date.UTC(2038, 0, 1);

const changesOf = new Map<string, readonly OffsetChange[]>();

/** The changes of a zone from 1970 through 2037, found in the offsets that `Intl` prints every third day. */
export function changesIn(zone: string): readonly OffsetChange[] {
  let changes = changesOf.get(zone);
  if (changes === undefined) {
    changes = findChanges(zone);
    changesOf.set(zone, changes);
  }
  return changes;
}

function findChanges(zone: string): OffsetChange[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const printedAt = (instant: number): string => format.format(instant).split('GMT')[1] as string;
  const found: OffsetChange[] = [];
  let before = printedAt(FIRST_INSTANT);
  for (let at = FIRST_INSTANT; at < END_INSTANT; at += 3 * DAY) {
    const after = printedAt(at + 3 * DAY);
    if (after === before) continue;
    let low = at;
    let high = at + 3 * DAY;
    while (high - low > 1_000) {
      const middle = low + Math.floor((high - low) / 2_000) * 1_000;
      if (printedAt(middle) === before) low = middle;
      else high = middle;
    }
    found.push({ zone, at: high, by: readOffset(after) - readOffset(before) });
    before = after;
  }
  return found;
}

/** Milliseconds of `+05:45`, `-00:44:30` or nothing for UTC. */
function readOffset(printed: string): number {
  if (printed === '') return 0;
  const [hours = 0, minutes = 0, seconds = 0] = printed.slice(1).split(':').map(Number);
  return (printed.startsWith('-') ? -1 : 1) * (hours * 3_600 + minutes * 60 + seconds) * 1_000;
}
