import { type Clock, systemClock } from './clock.js';
import { acquireLease, isFinal, type LeaseAnswer } from './engine/acquire-lease.js';
import { backoffMs } from './engine/backoff.js';
import { sleep } from './engine/engine-context.js';
import { copyOfLease, type LeaseKeeper, type LeaseKeeperContext } from './engine/lease-keeper.js';
import { releaseLease, returnLease } from './engine/lease-release.js';
import { LeaseReporter } from './engine/lease-reporter.js';
import { notifyObservers } from './engine/notify-observers.js';
import { randomToken, secureRandom } from './engine/random.js';
import { TimerQueue } from './engine/timer-queue.js';
import { InvalidOptionError } from './errors.js';
import type { ExecutionGuard, ExecutionLease, ExecutionSlot } from './execution-guard.js';
import type { SchedulerObserver } from './observer.js';
import { checkInstant, checkLiteral, checkMethods, checkOptionNames, checkText } from './options.js';

/** How often an acquire is sent before its error is passed on. */
const MAX_ACQUIRES = 5;

/** What guarded work is called with. */
export interface GuardedContext {
  /** The lease that it runs under. */
  readonly lease: ExecutionLease;
  /** Aborted with a LeaseLostError when the lease can no longer be trusted, or as the caller's signal is. */
  readonly signal: AbortSignal;
}

/** Options of {@link runGuarded}. */
export interface RunGuardedOptions {
  /** Aborts the work, and the wait for the lease. */
  readonly signal?: AbortSignal | undefined;
  /** Who is told of the guard's events. Default nobody. */
  readonly observers?: readonly SchedulerObserver[] | undefined;
  /** Where time comes from. Default the clock of the system. */
  readonly clock?: Clock | undefined;
}

/** What became of guarded work. */
export type GuardedResult<T> =
  | { readonly status: 'completed'; readonly value: T }
  /** Another owner holds the lease; the work was not done here. */
  | { readonly status: 'contended' }
  /** The slot was completed not long ago; the work was not done again. */
  | { readonly status: 'already_completed' };

/**
 * Does work outside any schedule under the same lease that a scheduled run has: acquires it, renews it
 * while `work` runs, and gives it back. Work that throws leaves no done marker, so that it can be tried again.
 *
 * @throws whatever `work` throws; the error of the guard when the lease cannot be asked for; the reason of
 * `signal` when that is aborted before the work begins; InvalidOptionError for an argument that is not allowed.
 * @example
 * ```ts
 * const slot = { jobId: 'migrate', resourceId: 'table', scope: 'resource', scheduledAt: new Date() } as const;
 * const result = await runGuarded(guard, slot, ({ lease, signal }) => migrate(lease.fencingToken, signal));
 * if (result.status === 'completed') console.log(result.value);
 * ```
 */
export async function runGuarded<T>(
  guard: ExecutionGuard,
  slot: ExecutionSlot,
  work: (context: GuardedContext) => T | Promise<T>,
  options: RunGuardedOptions = {},
): Promise<GuardedResult<T>> {
  checkArguments(guard, slot, work, options);
  const { signal, observers = [], clock = systemClock } = options;
  const report = new LeaseReporter(clock, (event) => notifyObservers(observers, event));
  const leases: LeaseKeeperContext = {
    clock,
    timers: new TimerQueue(clock),
    random: secureRandom,
    guard,
    report,
  };
  signal?.throwIfAborted();
  const answer = await untilAborted(acquire(leases, slot, signal), signal);
  if (answer.status === 'completed') return { status: 'already_completed' };
  if (answer.status === 'contended') {
    report.contended(slot);
    return { status: 'contended' };
  }
  const { keeper } = answer;
  report.acquired(keeper.lease);
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  keeper.whenLost((error) => controller.abort(error));
  let outcome: 'completed' | 'abandoned' = 'abandoned';
  try {
    controller.signal.throwIfAborted();
    const value = await work({ lease: copyOfLease(keeper.lease), signal: controller.signal });
    outcome = 'completed';
    return { status: 'completed', value };
  } finally {
    signal?.removeEventListener('abort', abort);
    await releaseLease(keeper, outcome);
  }
}

function checkArguments(
  guard: ExecutionGuard,
  slot: ExecutionSlot,
  work: unknown,
  options: RunGuardedOptions,
): void {
  checkMethods('guard', guard, ['acquire', 'renew', 'release']);
  checkOptionNames('slot', slot, ['jobId', 'resourceId', 'scope', 'scheduledAt']);
  checkText('slot.jobId', slot.jobId);
  checkText('slot.resourceId', slot.resourceId);
  checkInstant('slot.scheduledAt', slot.scheduledAt);
  if (slot.scope === undefined)
    throw new InvalidOptionError('slot.scope', undefined, "'occurrence' or 'resource'");
  checkLiteral('slot.scope', slot.scope, ['occurrence', 'resource'], 'occurrence');
  if (typeof work !== 'function') throw new InvalidOptionError('work', work, 'a function');
  checkOptionNames('runGuarded', options, ['signal', 'observers', 'clock']);
  for (const [index, observer] of (options.observers ?? []).entries()) {
    checkMethods(`runGuarded.observers[${index}]`, observer, ['onEvent']);
  }
}

/** What `promise` comes to, unless `signal` is aborted before. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Asks with the same token until there is an answer that came in time, since an answer may be lost. A lease that
 * nobody waits for any more is given back.
 */
async function acquire(
  leases: LeaseKeeperContext,
  slot: ExecutionSlot,
  signal: AbortSignal | undefined,
): Promise<Exclude<LeaseAnswer, { status: 'late' }>> {
  const { random } = leases;
  const token = randomToken(random);
  let unused: LeaseKeeper | undefined;
  for (let attempt = 1; ; attempt += 1) {
    let failure: unknown;
    try {
      const answer = await acquireLease(leases, slot, token);
      if (answer.status === 'late') failure = answer.error;
      else if (answer.status !== 'acquired' || signal?.aborted !== true) return answer;
      unused = answer.keeper;
    } catch (error) {
      failure = error;
    }
    const goesOn = (): boolean => attempt < MAX_ACQUIRES && signal?.aborted !== true && !isFinal(failure);
    if (goesOn()) await sleep(leases, backoffMs(attempt - 1, random));
    if (goesOn()) continue;
    if (unused !== undefined) await returnLease(unused);
    signal?.throwIfAborted();
    throw failure;
  }
}
