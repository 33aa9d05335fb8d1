import {
  type AcquireResult,
  type ExecutionGuard,
  type ExecutionLease,
  type ExecutionSlot,
  GuardError,
  InvalidOptionError,
} from '@cloudiful-scheduler/core';
import {
  checkEndpoint,
  checkMilliseconds,
  checkOptionNames,
  checkString,
  type Failure,
  toFailure,
  ValkeyConnection,
  type ValkeyEndpoint,
} from '@cloudiful-scheduler/valkey-connection';
import { leaseKeys } from './lease-keys.js';
import { ACQUIRE, RELEASE, RENEW } from './scripts.js';

/** Options of {@link ValkeyExecutionGuard}. */
export interface ValkeyExecutionGuardOptions {
  /** How long a lease lasts after it was acquired or renewed, in milliseconds. Default 30,000. */
  readonly ttlMs?: number | undefined;
  /** How often the engine renews a lease, in milliseconds; below `ttlMs`. Default a third of `ttlMs`. */
  readonly renewEveryMs?: number | undefined;
  /** How long a completed occurrence is remembered, in milliseconds. Default 3,600,000 (one hour). */
  readonly completedTtlMs?: number | undefined;
  /** What the keys begin with; without braces. Default `scheduler:valkey:execution-lease:`. */
  readonly keyPrefix?: string | undefined;
  /** How long the server may take to answer a call, in milliseconds. Default 5,000. */
  readonly commandTimeoutMs?: number | undefined;
}

const PATH = 'valkeyExecutionGuard';
const OPTION_NAMES = ['ttlMs', 'renewEveryMs', 'completedTtlMs', 'keyPrefix', 'commandTimeoutMs'];
const DEFAULT_PREFIX = 'scheduler:valkey:execution-lease:';
const COMMANDS =
  '+evalsha +eval +exists +get +set +del +time +pexpire +pttl +zadd +zrem +zcount +zremrangebyscore +info';

/**
 * How long the last fencing token of a resource is kept. Should it be gone, tokens still grow: none is below
 * the server's time in microseconds.
 */
const REMEMBER_FENCE_MS = 30 * 24 * 3_600_000;

/**
 * Leases on a Valkey or redis server, by occurrence or by resource, for all instances that use it. A lease of
 * a resource excludes the leases of its occurrences, and the other way round. Time is the server's.
 *
 * Calls reject with a `GuardError`, kind `denied` for what will not heal by itself (a wrong password, a
 * missing permission) and `connection` for everything else, or with a `TimeoutError`.
 *
 * A primary that fails over may lose a lease it had just given; let what must not be written twice compare
 * `fencingToken`.
 *
 * @throws InvalidOptionError for an option that is not allowed.
 * @example
 * ```ts
 * const guard = new ValkeyExecutionGuard({ url: 'valkey://localhost:6379' }, { ttlMs: 30_000 });
 * const scheduler = new Scheduler({ store, guard });
 * ```
 */
export class ValkeyExecutionGuard implements ExecutionGuard {
  readonly ttlMs: number;
  readonly #renewEveryMs: number;
  readonly #completedTtlMs: number;
  readonly #keyPrefix: string;
  readonly #connection: ValkeyConnection;

  constructor(endpoint: ValkeyEndpoint, options: ValkeyExecutionGuardOptions = {}) {
    checkOptionNames(PATH, options, OPTION_NAMES);
    const {
      ttlMs = 30_000,
      completedTtlMs = 3_600_000,
      keyPrefix = DEFAULT_PREFIX,
      commandTimeoutMs = 5_000,
    } = options;
    this.ttlMs = checkMilliseconds(`${PATH}.ttlMs`, ttlMs, 2);
    const { renewEveryMs = Math.max(1, Math.floor(ttlMs / 3)) } = options;
    this.#renewEveryMs = checkMilliseconds(`${PATH}.renewEveryMs`, renewEveryMs, 1);
    if (renewEveryMs >= ttlMs) {
      throw new InvalidOptionError(
        `${PATH}.renewEveryMs`,
        renewEveryMs,
        `a whole number below ttlMs (${ttlMs})`,
      );
    }
    this.#completedTtlMs = checkMilliseconds(`${PATH}.completedTtlMs`, completedTtlMs, 0);
    this.#keyPrefix = checkPrefix(keyPrefix);
    this.#connection = new ValkeyConnection(checkEndpoint(PATH, endpoint, OPTION_NAMES), {
      commandTimeoutMs: checkMilliseconds(`${PATH}.commandTimeoutMs`, commandTimeoutMs, 1),
      toError: (failure, what) => this.#toError(failure, what),
    });
  }

  async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
    const { lease, resource, open, fence, done, member } = leaseKeys(this.#keyPrefix, slot);
    const keys = [lease, resource, open, fence, done];
    const values = [token, this.ttlMs, member, REMEMBER_FENCE_MS];
    const [status, detail] = (await this.#connection.call('guard.acquire', (commands) =>
      commands.run(ACQUIRE, keys, values),
    )) as [string, unknown];
    switch (status) {
      case 'acquired':
        return { status, lease: this.#lease(slot, lease, token, Number(detail)) };
      case 'contended':
      case 'completed':
        return { status };
      default: {
        const inTheWay = new Error(`WRONGTYPE ${String(detail)} holds something else`);
        throw this.#toError(toFailure(inTheWay), 'guard.acquire');
      }
    }
  }

  async renew(lease: ExecutionLease): Promise<'renewed' | 'lost'> {
    const { lease: key, open, member } = leaseKeys(this.#keyPrefix, lease.slot);
    const answer = await this.#connection.call('guard.renew', (commands) =>
      commands.run(RENEW, [key, open], [lease.token, lease.ttlMs, member]),
    );
    return Number(answer) === 1 ? 'renewed' : 'lost';
  }

  async release(lease: ExecutionLease, outcome: 'completed' | 'abandoned'): Promise<'released' | 'lost'> {
    const { lease: key, open, done, member } = leaseKeys(this.#keyPrefix, lease.slot);
    const remember = outcome === 'completed' ? this.#completedTtlMs : 0;
    const answer = await this.#connection.call('guard.release', (commands) =>
      commands.run(RELEASE, [key, open, done], [lease.token, member, remember]),
    );
    return Number(answer) === 1 ? 'released' : 'lost';
  }

  /**
   * Refuses further calls, waits for those under way and closes the connection, unless the caller gave the
   * client: that stays open.
   */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** As {@link ValkeyExecutionGuard.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #lease(slot: ExecutionSlot, key: string, token: string, fencingToken: number): ExecutionLease {
    return Object.freeze({
      slot,
      key,
      token,
      fencingToken,
      ttlMs: this.ttlMs,
      renewEveryMs: this.#renewEveryMs,
    });
  }

  #toError({ kind, message, cause }: Failure, what: string): GuardError {
    switch (kind) {
      case 'denied':
        return new GuardError(
          'ERR_GUARD_DENIED',
          `${what} was refused: ${message} (a user of the guard needs ${COMMANDS} ~${this.#keyPrefix}*)`,
          { cause },
        );
      case 'data':
        return new GuardError('ERR_GUARD_CORRUPT', `${what} found a key in the way: ${message}`, { cause });
      case 'connection':
        return new GuardError('ERR_GUARD_UNAVAILABLE', `${what} failed: ${message}`, { cause });
    }
  }
}

function checkPrefix(value: unknown): string {
  const prefix = checkString(`${PATH}.keyPrefix`, value);
  if (/[{}]|\p{Surrogate}/u.test(prefix)) {
    throw new InvalidOptionError(`${PATH}.keyPrefix`, value, 'a string without braces and lone surrogates');
  }
  return prefix;
}
