import { ContractError, isForGood, isSchedulerError } from '../errors.js';
import type { AcquireResult, ExecutionLease, ExecutionSlot } from '../execution-guard.js';
import { withDeadline } from './engine-context.js';
import type { LeaseKeeperContext } from './lease-keeper.js';

/**
 * Asks for a lease within a deadline, and checks the answer, on which no run may rest unless it is what the
 * contract says.
 */
export async function acquireLease(
  context: LeaseKeeperContext,
  slot: ExecutionSlot,
  token: string,
): Promise<AcquireResult> {
  const { guard } = context;
  const answer = (await withDeadline(context, 'guard.acquire', () => guard.acquire(slot, token))) as
    | AcquireResult
    | undefined;
  const status = answer?.status;
  if (answer === undefined || (status !== 'acquired' && status !== 'contended' && status !== 'completed')) {
    throw new ContractError('guard.acquire', status, "a status 'acquired', 'contended' or 'completed'");
  }
  if (answer.status !== 'acquired') return answer;
  const {
    slot: leased,
    ttlMs = Number.NaN,
    renewEveryMs = Number.NaN,
  } = (answer.lease ?? {}) as Partial<ExecutionLease>;
  if (!(ttlMs > 0) || !(renewEveryMs > 0 && renewEveryMs < ttlMs)) {
    throw new ContractError(
      'guard.acquire',
      `${renewEveryMs} of ${ttlMs} ms`,
      'a lease whose renewEveryMs is below its ttlMs',
    );
  }
  if (!(leased?.scheduledAt instanceof Date))
    throw new ContractError('guard.acquire', leased, 'a lease with the slot that was asked for');
  return answer;
}

/** Whether an error of a guard will not heal by itself. */
export function isFinal(error: unknown): boolean {
  return isForGood(error) || isSchedulerError(error, 'ERR_CONTRACT');
}
