import {
  type AcquireResult,
  type ExecutionGuard,
  type ExecutionLease,
  type ExecutionSlot,
  InMemoryExecutionGuard,
} from '@cloudiful-scheduler/core';
import { ManualClock } from '../src/manual-clock.js';

/** The time of all guards here. */
export const clock = new ManualClock();
export const completedTtlMs = 5_000;

/** A right guard, of which each broken one changes one thing. */
export class RightGuard implements ExecutionGuard {
  readonly inner: InMemoryExecutionGuard;

  constructor(options: { ttlMs?: number; completedTtlMs?: number } = {}) {
    this.inner = new InMemoryExecutionGuard({ ttlMs: 1_000, completedTtlMs, clock, ...options });
  }

  acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
    return this.inner.acquire(slot, token);
  }

  renew(lease: ExecutionLease): Promise<'renewed' | 'lost'> {
    return this.inner.renew(lease);
  }

  release(lease: ExecutionLease, outcome: 'completed' | 'abandoned'): Promise<'released' | 'lost'> {
    return this.inner.release(lease, outcome);
  }
}

/** What is wrong with each, and a guard that has it. */
export const BROKEN_GUARDS: Readonly<Record<string, new () => ExecutionGuard>> = {
  'gives a lease to whoever asks': class extends RightGuard {
    override acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      return new RightGuard().acquire(slot, token);
    }
  },
  'never forgets a lease': class extends RightGuard {
    constructor() {
      super({ ttlMs: 1_000_000 });
    }

    override async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      const answer = await super.acquire(slot, token);
      if (answer.status !== 'acquired') return answer;
      return { ...answer, lease: { ...answer.lease, ttlMs: 1_000, renewEveryMs: 333 } };
    }
  },
  'does not extend a lease that is renewed': class extends RightGuard {
    override async renew(): Promise<'renewed' | 'lost'> {
      return 'renewed';
    }
  },
  'renews a lease that has run out': class extends RightGuard {
    override async renew(lease: ExecutionLease): Promise<'renewed' | 'lost'> {
      if ((await super.renew(lease)) === 'renewed') return 'renewed';
      const { status } = await super.acquire(lease.slot, lease.token);
      return status === 'acquired' ? 'renewed' : 'lost';
    }
  },
  'renews a lease of another': class extends RightGuard {
    readonly #owners = new Map<string, string>();

    override async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      const answer = await super.acquire(slot, token);
      if (answer.status === 'acquired') this.#owners.set(answer.lease.key, token);
      return answer;
    }

    override renew(lease: ExecutionLease): Promise<'renewed' | 'lost'> {
      return super.renew({ ...lease, token: this.#owners.get(lease.key) ?? lease.token });
    }
  },
  'releases the lease of another': class extends RightGuard {
    readonly #owners = new Map<string, string>();

    override async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      const answer = await super.acquire(slot, token);
      if (answer.status === 'acquired') this.#owners.set(answer.lease.key, token);
      return answer;
    }

    override release(
      lease: ExecutionLease,
      outcome: 'completed' | 'abandoned',
    ): Promise<'released' | 'lost'> {
      return super.release({ ...lease, token: this.#owners.get(lease.key) ?? lease.token }, outcome);
    }
  },
  'says released whatever happened': class extends RightGuard {
    override async release(
      lease: ExecutionLease,
      outcome: 'completed' | 'abandoned',
    ): Promise<'released' | 'lost'> {
      await super.release(lease, outcome);
      return 'released';
    }
  },
  'does not release': class extends RightGuard {
    override async release(): Promise<'released' | 'lost'> {
      return 'released';
    }
  },
  'leaves no done marker': class extends RightGuard {
    override release(lease: ExecutionLease): Promise<'released' | 'lost'> {
      return super.release(lease, 'abandoned');
    }
  },
  'leaves a done marker in any case': class extends RightGuard {
    override release(lease: ExecutionLease): Promise<'released' | 'lost'> {
      return super.release(lease, 'completed');
    }
  },
  'never forgets a done marker': class extends RightGuard {
    constructor() {
      super({ completedTtlMs: 1_000_000_000 });
    }
  },
  'forgets a done marker with the lease': class extends RightGuard {
    constructor() {
      super({ completedTtlMs: 1_000 });
    }
  },
  'takes the same token for another': class extends RightGuard {
    #calls = 0;

    override acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      this.#calls += 1;
      return super.acquire(slot, `${token}${this.#calls}`);
    }
  },
  'does not extend a lease that is acquired again': class extends RightGuard {
    readonly #held = new Map<string, AcquireResult>();

    override async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      const known = this.#held.get(token);
      if (known !== undefined) return known;
      const answer = await super.acquire(slot, token);
      if (answer.status === 'acquired') this.#held.set(token, answer);
      return answer;
    }
  },
  'gives the same fencing token each time': class extends RightGuard {
    override async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      const answer = await super.acquire(slot, token);
      return answer.status === 'acquired'
        ? { ...answer, lease: { ...answer.lease, fencingToken: 1 } }
        : answer;
    }
  },
  'counts fencing tokens by occurrence': class extends RightGuard {
    readonly #counts = new Map<string, number>();

    override async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      const answer = await super.acquire(slot, token);
      if (answer.status !== 'acquired') return answer;
      const fencingToken = (this.#counts.get(answer.lease.key) ?? 0) + 1;
      this.#counts.set(answer.lease.key, fencingToken);
      return { ...answer, lease: { ...answer.lease, fencingToken } };
    }
  },
  'knows no resources': class extends RightGuard {
    override acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      return super.acquire({ ...slot, scope: 'occurrence' }, token);
    }
  },
  'lets a resource and its occurrences be held together': class extends RightGuard {
    override acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      const resourceId = slot.scope === 'resource' ? slot.resourceId : `occurrences of ${slot.resourceId}`;
      return super.acquire({ ...slot, resourceId }, token);
    }
  },
  'holds the whole resource for each occurrence': class extends RightGuard {
    override acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      return super.acquire({ ...slot, scope: 'resource' }, token);
    }
  },
  'looks at the job id alone': class extends RightGuard {
    override acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      return super.acquire({ ...slot, scheduledAt: new Date(0) }, token);
    }
  },
  'is renewed less often than it lasts': class extends RightGuard {
    override async acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
      const answer = await super.acquire(slot, token);
      return answer.status === 'acquired'
        ? { ...answer, lease: { ...answer.lease, renewEveryMs: 5_000 } }
        : answer;
    }
  },
};
