/** What a lease is asked for. */
export interface ExecutionSlot {
  /** The job that asks. */
  readonly jobId: string;
  /** The resource that is protected; the job id unless the job names another. */
  readonly resourceId: string;
  /** `occurrence`: one lease per job id and `scheduledAt`; `resource`: one lease per `resourceId`. */
  readonly scope: 'occurrence' | 'resource';
  /** The occurrence that it asks for. */
  readonly scheduledAt: Date;
}

/** The right to run a slot until `ttlMs` after the last successful acquire or renew. */
export interface ExecutionLease {
  /** What it was asked for. */
  readonly slot: ExecutionSlot;
  /** Where the guard keeps the lease. */
  readonly key: string;
  /** The owner token that the lease was acquired with. */
  readonly token: string;
  /** Grows with every new lease of the slot's resource; lets a resource refuse a late writer. */
  readonly fencingToken: number;
  /** How long the lease is valid after it was acquired or renewed, in milliseconds. */
  readonly ttlMs: number;
  /** How often to renew it, in milliseconds; below `ttlMs`. */
  readonly renewEveryMs: number;
}

/** What became of an {@link ExecutionGuard.acquire}. */
export type AcquireResult =
  | { readonly status: 'acquired'; readonly lease: ExecutionLease }
  | { readonly status: 'contended' }
  | { readonly status: 'completed' };

/**
 * Hands out leases so that one instance at a time runs an occurrence. Failures are thrown (rejected);
 * the engine then retries and never runs unguarded. Errors of `acquire` with `kind: 'data'` or `kind: 'denied'` end
 * the job.
 *
 * The conformance cases of `@cloudiful-scheduler/testkit` check an implementation.
 */
export interface ExecutionGuard {
  /** How long a lease lasts, in milliseconds, if known before one was acquired. Default 30,000. */
  readonly ttlMs?: number | undefined;
  /**
   * Asks for the lease of `slot`. `contended`: another token holds it; `completed`: the occurrence was
   * released as completed not long ago. The same `token` (128 random bits, one per claim) again gives
   * the same lease with its time to live renewed, so that a lost reply can be asked for once more.
   */
  acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult>;
  /** Extends the lease by its full time to live; `lost` when it is no longer this token's. */
  renew(lease: ExecutionLease): Promise<'renewed' | 'lost'>;
  /**
   * Ends the lease. `completed` leaves a done marker for the occurrence; `abandoned` leaves it free to
   * be acquired at once. `lost` when it is no longer this token's; nothing is changed then.
   */
  release(lease: ExecutionLease, outcome: 'completed' | 'abandoned'): Promise<'released' | 'lost'>;
}
