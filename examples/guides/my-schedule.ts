import type { Schedule } from '@cloudiful-scheduler/core';

const DAY_MS = 86_400_000;

/** Every working day at an hour of UTC, except on holidays such as `2026-12-25`. */
export function workingDays(
  hour: number,
  holidays: readonly string[],
): Schedule {
  const isFree = (instant: number): boolean => {
    const date = new Date(instant);
    return (
      [0, 6].includes(date.getUTCDay()) ||
      holidays.includes(date.toISOString().slice(0, 10))
    );
  };
  const next = (after: number): number => {
    const midnight = Math.floor(after / DAY_MS) * DAY_MS;
    let occurrence = midnight + hour * 3_600_000;
    while (occurrence <= after || isFree(occurrence)) occurrence += DAY_MS;
    return occurrence;
  };
  return {
    kind: 'working_days',
    fingerprint: `working_days at ${hour} except ${[...holidays].sort().join(' ')}`,
    first: next,
    next,
  };
}
