import type { AcquireResult, ExecutionGuard, ExecutionLease, ExecutionSlot } from '../src/execution-guard.js';
import { InMemoryExecutionGuard } from '../src/guards/in-memory-execution-guard.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';
import { callUnder, type Fault, START, World } from './fixtures.js';

export const TTL_MS = 3_000;
export const TOKEN = 'the token of somebody else';
export const shared = () => new InMemoryStateStore({ shared: true });

type Call = 'acquire' | 'renew' | 'release';

/** A guard whose calls can be made to fail, to hang, or to lose their answers. */
class FaultyGuard implements ExecutionGuard {
  readonly ttlMs = TTL_MS;
  readonly calls: Call[] = [];
  readonly tokens: string[] = [];
  fault: (call: Call) => Fault = () => undefined;

  constructor(readonly inner: InMemoryExecutionGuard) {}

  acquire(slot: ExecutionSlot, token: string): Promise<AcquireResult> {
    this.tokens.push(token);
    return this.#call('acquire', () => this.inner.acquire(slot, token));
  }

  renew(lease: ExecutionLease): Promise<'renewed' | 'lost'> {
    return this.#call('renew', () => this.inner.renew(lease));
  }

  release(lease: ExecutionLease, outcome: 'completed' | 'abandoned'): Promise<'released' | 'lost'> {
    return this.#call('release', () => this.inner.release(lease, outcome));
  }

  #call<T>(name: Call, call: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    return callUnder(this.fault(name), call);
  }
}

/** A world with a guard on its clock. */
export class GuardedWorld extends World {
  readonly guard = new FaultyGuard(
    new InMemoryExecutionGuard({ ttlMs: TTL_MS, renewEveryMs: 1_000, clock: this.clock }),
  );

  /** Somebody else takes the lease of an occurrence. */
  async takeLease(offsetMs: number): Promise<ExecutionLease> {
    const answer = await this.guard.inner.acquire(slotAt(offsetMs), TOKEN);
    if (answer.status !== 'acquired') throw new Error('expected the lease to be free');
    return answer.lease;
  }

  count(...types: Parameters<World['observer']['ofType']>[0][]): number[] {
    return types.map((type) => this.observer.ofType(type).length);
  }
}

export function slotAt(offsetMs: number): ExecutionSlot {
  return { jobId: 'job', resourceId: 'job', scope: 'occurrence', scheduledAt: new Date(START + offsetMs) };
}
