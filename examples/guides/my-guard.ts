import type {
  AcquireResult,
  ExecutionGuard,
  ExecutionLease,
  ExecutionSlot,
} from '@cloudiful-scheduler/core';

/** Stands for two tables of a database and its clock. Each method of the guard below is one transaction. */
export class LeaseTables {
  readonly leases: LeaseRow[] = [];
  readonly done: {
    readonly occurrence: string;
    readonly token: string;
    readonly until: number;
  }[] = [];
  lastFencingToken = 0;

  constructor(readonly now: () => number) {}
}

interface LeaseRow {
  readonly lease: ExecutionLease;
  expiresAt: number;
}

export class MyGuard implements ExecutionGuard {
  constructor(
    readonly tables: LeaseTables,
    readonly ttlMs = 30_000,
    readonly completedTtlMs = 3_600_000,
  ) {}

  async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
    const { tables, ttlMs } = this;
    const occurrence = occurrenceOf(slot);
    if (
      tables.done.some(
        (row) => row.occurrence === occurrence && row.until > tables.now(),
      )
    )
      return { status: 'completed' };

    const expiresAt = tables.now() + ttlMs;
    const held = this.#held().filter(({ lease }) => excludes(lease.slot, slot));
    const own = held.find(({ lease }) => lease.token === token);
    if (own !== undefined) {
      own.expiresAt = expiresAt; // asked once more, because the first answer was lost
      return { status: 'acquired', lease: own.lease };
    }
    if (held.length > 0) return { status: 'contended' };

    tables.lastFencingToken += 1;
    const fencingToken = tables.lastFencingToken;
    const lease = {
      slot,
      key: occurrence,
      token,
      fencingToken,
      ttlMs,
      renewEveryMs: ttlMs / 3,
    };
    tables.leases.push({ lease, expiresAt });
    return { status: 'acquired', lease };
  }

  async renew({ token }: ExecutionLease): Promise<'renewed' | 'lost'> {
    const row = this.#held().find(({ lease }) => lease.token === token);
    if (row === undefined) return 'lost';
    row.expiresAt = this.tables.now() + this.ttlMs;
    return 'renewed';
  }

  async release(
    lease: ExecutionLease,
    outcome: 'completed' | 'abandoned',
  ): Promise<'released' | 'lost'> {
    const { done, leases, now } = this.tables;
    const { slot, token } = lease;
    const occurrence = occurrenceOf(slot);
    const row = this.#held().find((held) => held.lease.token === token);
    if (row === undefined) {
      const repeated =
        outcome === 'completed' && done.some((one) => one.token === token);
      return repeated ? 'released' : 'lost';
    }
    leases.splice(leases.indexOf(row), 1);
    if (outcome === 'completed')
      done.push({ occurrence, token, until: now() + this.completedTtlMs });
    return 'released';
  }

  #held(): LeaseRow[] {
    return this.tables.leases.filter(
      ({ expiresAt }) => expiresAt > this.tables.now(),
    );
  }
}

/** Whether two leases cannot be held at the same time. */
function excludes(a: ExecutionSlot, b: ExecutionSlot): boolean {
  if (a.resourceId !== b.resourceId) return false;
  return (
    a.scope === 'resource' ||
    b.scope === 'resource' ||
    occurrenceOf(a) === occurrenceOf(b)
  );
}

function occurrenceOf({ jobId, scheduledAt }: ExecutionSlot): string {
  return JSON.stringify([jobId, scheduledAt]);
}
