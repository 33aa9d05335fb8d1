import { offsetAt } from './local-time.js';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 28].map((count) => count * DAY),
];

/** The instants that an axis is labelled at: full steps of local time, no closer than `leastGap` apart. */
export function axisTicks(
  start: number,
  end: number,
  timezone: string,
  options: { readonly length: number; readonly leastGap: number },
): { readonly ticks: readonly number[]; readonly step: number } {
  const step = STEPS.find((one) => (one / (end - start)) * options.length >= options.leastGap) ?? 56 * DAY;
  const offset = offsetAt(start, timezone);
  const ticks: number[] = [];
  for (let tick = Math.ceil((start + offset) / step) * step - offset; tick <= end; tick += step)
    ticks.push(tick);
  return { ticks, step };
}
