import type { TimeWindowRule } from '@cloudiful-scheduler/core';

const STEP_MS = 60_000;

/** The stretches between `start` and `end` in which the time window is closed, to the second. */
export function closedStretches(
  window: TimeWindowRule | undefined,
  start: number,
  end: number,
  timezone: string,
): { readonly from: number; readonly to: number }[] {
  if (window === undefined) return [];
  const closed: { from: number; to: number }[] = [];
  let before = start;
  let from = window.contains(start, timezone) ? undefined : start;
  while (before < end) {
    const after = Math.min(before + STEP_MS, end);
    const isOpen = window.contains(after, timezone);
    if (isOpen === (from !== undefined)) {
      const change = changeBetween(window, before, after, timezone);
      if (from === undefined) from = change;
      else {
        closed.push({ from, to: change });
        from = undefined;
      }
    }
    before = after;
  }
  if (from !== undefined) closed.push({ from, to: end });
  return closed;
}

/** The first full second at which the answer is that of `after`; the answer at `before` is the other one. */
function changeBetween(window: TimeWindowRule, before: number, after: number, timezone: string): number {
  const wanted = window.contains(after, timezone);
  let [low, high] = [before, after];
  while (high - low > 1_000) {
    const middle = low + Math.ceil((high - low) / 2_000) * 1_000;
    if (window.contains(middle, timezone) === wanted) high = middle;
    else low = middle;
  }
  return high;
}
