/** The first and the last instant that a `Date` can hold are this many milliseconds from the epoch. */
export const LAST_INSTANT = 8_640_000_000_000_000;
