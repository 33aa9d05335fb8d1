import { ContractError } from '../errors.js';
import { backoffMs } from './backoff.js';
import { CALL_TIMEOUT_MS, sleep, withDeadline } from './engine-context.js';
import type { LeaseKeeper } from './lease-keeper.js';

/**
 * Gives a lease back and reports how that went. A failed release is repeated while the lease can be
 * trusted; after that it runs out by itself.
 */
export async function releaseLease(keeper: LeaseKeeper, outcome: 'completed' | 'abandoned'): Promise<void> {
  const { context, lease } = keeper;
  const { clock, guard, random, report } = context;
  const reportedLost = keeper.isLost;
  keeper.stop();
  if (keeper.isRefused) return;
  for (let attempt = 0; ; attempt += 1) {
    const timeLeft = keeper.trustedUntil - clock.monotonic();
    try {
      const timeoutMs = Math.min(CALL_TIMEOUT_MS, Math.max(lease.renewEveryMs, 1));
      const answer = await withDeadline(
        context,
        'guard.release',
        () => guard.release(lease, outcome),
        timeoutMs,
      );
      if (answer === 'released') report.released(lease, outcome);
      else if (answer !== 'lost') throw new ContractError('guard.release', answer, "'released' or 'lost'");
      else if (!reportedLost) report.lost(lease);
      return;
    } catch (error) {
      report.releaseFailed(lease, error);
      const pause = backoffMs(attempt, random);
      if (pause >= timeLeft) return;
      await sleep(context, pause);
    }
  }
}

/** Gives back a lease that nobody runs under. */
export async function returnLease(keeper: LeaseKeeper): Promise<void> {
  keeper.context.report.acquired(keeper.lease);
  await releaseLease(keeper, 'abandoned');
}
