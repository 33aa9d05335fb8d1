import type { Random } from './random.js';

const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/**
 * How long to wait before retry number `attempt` (from 0): doubling from 100 ms to 10 s, of which a
 * random half is taken off so that instances do not retry in step ("equal jitter", M. Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 */
export function backoffMs(attempt: number, random: Random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
  return full / 2 + (random() * full) / 2;
}
