import { ContractError, isForGood, isSchedulerError, TimeoutError } from '../errors.js';
import type { AcquireResult, ExecutionLease, ExecutionSlot } from '../execution-guard.js';
import { withDeadline } from './engine-context.js';
import { LeaseKeeper, type LeaseKeeperContext, trustEnd } from './lease-keeper.js';

/** What asking for a lease came to. */
export type LeaseAnswer =
  /** It is kept from now on. */
  | { readonly status: 'acquired'; readonly keeper: LeaseKeeper }
  /** It was given, but the answer took longer than it can be trusted. Nobody keeps it. */
  | { readonly status: 'late'; readonly keeper: LeaseKeeper; readonly error: TimeoutError }
  | { readonly status: 'contended' }
  | { readonly status: 'completed' };

/** Asks for a lease within a deadline, and keeps it when it was given in time. */
export async function acquireLease(
  context: LeaseKeeperContext,
  slot: ExecutionSlot,
  token: string,
): Promise<LeaseAnswer> {
  const sentAt = context.clock.monotonic();
  const answer = await askFor(context, slot, token);
  if (answer.status !== 'acquired') return answer;
  const keeper = new LeaseKeeper(context, answer.lease, sentAt);
  if (context.clock.monotonic() < keeper.trustedUntil) return { status: 'acquired', keeper };
  keeper.stop();
  return { status: 'late', keeper, error: new TimeoutError('guard.acquire', trustEnd(answer.lease, 0)) };
}

/** Checks what the guard answers, on which no run may rest unless it is what the contract says. */
async function askFor(
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
