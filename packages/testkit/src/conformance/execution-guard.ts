import type { ExecutionGuard, ExecutionLease, ExecutionSlot } from '@cloudiful-scheduler/core';
import { type ConformanceCase, ConformanceError, expectSame, expectThat } from './conformance-case.js';

/** What the cases need to know of a guard. */
export interface ExecutionGuardConformanceOptions<Guard extends ExecutionGuard = ExecutionGuard> {
  /** A guard that has given no lease, with a short `completedTtlMs`. Called once per case. */
  readonly create: () => Guard | Promise<Guard>;
  /** Lets time pass for the guard: moves its clock, or waits. */
  readonly advance: (ms: number) => Promise<void>;
  /** How long the guard that `create` makes remembers a completed occurrence, in milliseconds. */
  readonly completedTtlMs: number;
  /** Another guard object on the same leases, as a second process would open it. Given: layer `shared`. */
  readonly open?: ((first: Guard) => Guard | Promise<Guard>) | undefined;
  /** Clears up after a case. */
  readonly dispose?: ((guard: Guard) => void | Promise<void>) | undefined;
}

type Check = (guard: ExecutionGuard) => Promise<void>;
type Advance = ExecutionGuardConformanceOptions['advance'];

const AT = Date.parse('2026-03-01T09:30:00Z');

/**
 * The promises of an {@link ExecutionGuard}, in layers: `lease`, `token`, `expiry`, `fencing`,
 * `done_marker`, `resource`; with `open` also `shared`.
 *
 * @example
 * ```ts
 * const clock = new ManualClock();
 * const cases = executionGuardConformance({
 *   create: () => new InMemoryExecutionGuard({ ttlMs: 1_000, completedTtlMs: 5_000, clock }),
 *   advance: (ms) => clock.advance(ms),
 *   completedTtlMs: 5_000,
 * });
 * ```
 */
export function executionGuardConformance<Guard extends ExecutionGuard>(
  options: ExecutionGuardConformanceOptions<Guard>,
): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  const add = (layer: string, name: string, check: (guard: Guard) => Promise<void>): void => {
    const run = async (): Promise<void> => {
      const guard = await options.create();
      try {
        await check(guard);
      } finally {
        await options.dispose?.(guard);
      }
    };
    cases.push({ layer, name, run });
  };
  addLeaseCases(add);
  const { advance, completedTtlMs } = options;
  addExpiryCases(add, advance);
  addMarkerCases(add, advance, completedTtlMs);
  addResourceCases(add);
  const { open } = options;
  if (open !== undefined) {
    add('shared', 'keeps what one holds from the other', async (first) => {
      const second = await open(first);
      try {
        const lease = await acquired(first, slotOf(), 'a');
        expectSame('acquire', (await second.acquire(slotOf(), tokenOf('b'))).status, 'contended');
        await released(first, lease, 'completed');
        expectSame('acquire', (await second.acquire(slotOf(), tokenOf('b'))).status, 'completed');
        const later = await acquired(second, slotOf({ at: 1 }), 'c');
        expectThat(later.fencingToken > lease.fencingToken, 'fencing tokens must grow across guard objects');
      } finally {
        await options.dispose?.(second);
      }
    });
  }
  return cases;
}

type Add = (layer: string, name: string, check: Check) => void;

function addLeaseCases(add: Add): void {
  add('lease', 'describes what was acquired', async (guard) => {
    const slot = slotOf();
    const lease = await acquired(guard, slot, 'a');
    expectSame('slot', lease.slot, slot);
    expectSame('token', lease.token, tokenOf('a'));
    expectThat(lease.key.length > 0, 'a lease must name its key');
    expectThat(Number.isSafeInteger(lease.fencingToken), 'a fencing token must be a whole number');
    expectThat(lease.ttlMs > 0 && lease.renewEveryMs > 0, 'ttlMs and renewEveryMs must be positive');
    expectThat(lease.renewEveryMs < lease.ttlMs, 'renewEveryMs must be below ttlMs');
  });
  add('lease', 'is held by one at a time', async (guard) => {
    await acquired(guard, slotOf(), 'a');
    expectSame('acquire', (await guard.acquire(slotOf(), tokenOf('b'))).status, 'contended');
  });
  add('lease', 'is won by exactly one of many who ask at once', async (guard) => {
    const asked = Array.from({ length: 16 }, (_, index) => guard.acquire(slotOf(), tokenOf(`t${index}`)));
    const winners = (await Promise.all(asked)).filter(({ status }) => status === 'acquired');
    expectSame('winners', winners.length, 1);
  });
  add('lease', 'of one occurrence leaves other occurrences and jobs free', async (guard) => {
    await acquired(guard, slotOf(), 'a');
    await acquired(guard, slotOf({ at: 1 }), 'b');
    await acquired(guard, slotOf({ jobId: 'other' }), 'c');
    await acquired(guard, slotOf({ jobId: 'job:1', resourceId: 'job:1' }), 'd');
    await acquired(guard, slotOf({ jobId: '{job}', resourceId: '{job}' }), 'e');
  });
  add('lease', 'is free at once when it was abandoned', async (guard) => {
    await released(guard, await acquired(guard, slotOf(), 'a'), 'abandoned');
    await acquired(guard, slotOf(), 'b');
  });
  add('lease', 'can be renewed and released only by its owner', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    const stolen = { ...lease, token: tokenOf('b') };
    expectSame('renew with another token', await guard.renew(stolen), 'lost');
    expectSame('release with another token', await guard.release(stolen, 'abandoned'), 'lost');
    expectSame('release with another token', await guard.release(stolen, 'completed'), 'lost');
    expectSame('acquire', (await guard.acquire(slotOf(), tokenOf('c'))).status, 'contended');
    expectSame('renew', await guard.renew(lease), 'renewed');
  });
  add('lease', 'is lost once it was released', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    await released(guard, lease, 'abandoned');
    expectSame('renew', await guard.renew(lease), 'lost');
    await acquired(guard, slotOf(), 'b');
    expectSame('release', await guard.release(lease, 'abandoned'), 'lost');
    expectSame('acquire', (await guard.acquire(slotOf(), tokenOf('c'))).status, 'contended');
  });
  add('token', 'gives the same lease when it is used again', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    const again = await acquired(guard, slotOf(), 'a');
    expectSame('fencing token', again.fencingToken, lease.fencingToken);
    expectSame('acquire', (await guard.acquire(slotOf(), tokenOf('b'))).status, 'contended');
    await released(guard, again, 'abandoned');
    await acquired(guard, slotOf(), 'b');
  });
  add('fencing', 'grows with every lease of a slot', async (guard) => {
    let last = Number.NEGATIVE_INFINITY;
    for (let round = 0; round < 10; round += 1) {
      const lease = await acquired(guard, slotOf(), `t${round}`);
      expectThat(lease.fencingToken > last, `fencing token ${lease.fencingToken} must be above ${last}`);
      last = lease.fencingToken;
      await released(guard, lease, 'abandoned');
    }
  });
  add('fencing', 'grows with every lease of a resource, whatever its occurrence', async (guard) => {
    const first = await acquired(guard, slotOf({ resourceId: 'table' }), 'a');
    const second = await acquired(guard, slotOf({ resourceId: 'table', at: 1 }), 'b');
    const third = await acquired(guard, slotOf({ resourceId: 'table', jobId: 'other' }), 'c');
    expectThat(
      first.fencingToken < second.fencingToken && second.fencingToken < third.fencingToken,
      'fencing tokens of one resource must grow',
    );
  });
}

function addExpiryCases(add: Add, advance: Advance): void {
  add('expiry', 'frees a lease that was not renewed', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    await advance(lease.ttlMs + 1);
    const next = await acquired(guard, slotOf(), 'b');
    expectThat(next.fencingToken > lease.fencingToken, 'the next lease must have a higher fencing token');
    expectSame('renew', await guard.renew(lease), 'lost');
    expectSame('release', await guard.release(lease, 'completed'), 'lost');
    expectSame('renew', await guard.renew(next), 'renewed');
  });
  add('expiry', 'does not come while the lease is renewed', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    for (let renewals = 0; renewals < 4; renewals += 1) {
      await advance(lease.ttlMs / 2);
      expectSame('renew', await guard.renew(lease), 'renewed');
    }
    expectSame('acquire', (await guard.acquire(slotOf(), tokenOf('b'))).status, 'contended');
  });
  add('expiry', 'is put off when the same token acquires again', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    await advance(lease.ttlMs * 0.6);
    await acquired(guard, slotOf(), 'a');
    await advance(lease.ttlMs * 0.6);
    expectSame('acquire', (await guard.acquire(slotOf(), tokenOf('b'))).status, 'contended');
  });
  add('expiry', 'makes a late release say that the lease is lost', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    await advance(lease.ttlMs + 1);
    expectSame('renew', await guard.renew(lease), 'lost');
    expectSame('release', await guard.release(lease, 'abandoned'), 'lost');
  });
  add('expiry', 'of a lease of the whole resource frees the resource', async (guard) => {
    const lease = await acquired(guard, slotOf({ scope: 'resource' }), 'a');
    await advance(lease.ttlMs + 1);
    await acquired(guard, slotOf(), 'b');
  });
  add('expiry', 'of an occurrence no longer excludes the whole resource', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    await advance(lease.ttlMs + 1);
    await acquired(guard, slotOf({ scope: 'resource', at: 1 }), 'b');
  });
}

function addMarkerCases(add: Add, advance: Advance, completedTtlMs: number): void {
  add('done_marker', 'keeps a completed occurrence from being acquired again', async (guard) => {
    await released(guard, await acquired(guard, slotOf(), 'a'), 'completed');
    expectSame('acquire', (await guard.acquire(slotOf(), tokenOf('b'))).status, 'completed');
    await acquired(guard, slotOf({ at: 1 }), 'c');
  });
  add('done_marker', 'is left by a lease of the whole resource as well', async (guard) => {
    const slot = slotOf({ scope: 'resource' });
    await released(guard, await acquired(guard, slot, 'a'), 'completed');
    expectSame('acquire', (await guard.acquire(slot, tokenOf('b'))).status, 'completed');
    await acquired(guard, slotOf({ scope: 'resource', at: 1 }), 'c');
  });
  add('done_marker', 'lets the release be repeated by its owner', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    await released(guard, lease, 'completed');
    await released(guard, lease, 'completed');
  });
  add('done_marker', 'is not left by an abandoned lease', async (guard) => {
    await released(guard, await acquired(guard, slotOf(), 'a'), 'abandoned');
    await acquired(guard, slotOf(), 'b');
  });
  add('done_marker', 'is forgotten after its time', async (guard) => {
    await released(guard, await acquired(guard, slotOf(), 'a'), 'completed');
    await advance(completedTtlMs + 1);
    await acquired(guard, slotOf(), 'b');
  });
  add('done_marker', 'outlasts the lease', async (guard) => {
    const lease = await acquired(guard, slotOf(), 'a');
    if (lease.ttlMs >= completedTtlMs) return;
    await released(guard, lease, 'completed');
    await advance(lease.ttlMs);
    expectSame('acquire', (await guard.acquire(slotOf(), tokenOf('b'))).status, 'completed');
  });
}

function addResourceCases(add: Add): void {
  const table = { resourceId: 'table' } as const;
  add('resource', 'is held by one at a time, whatever the job and occurrence', async (guard) => {
    await acquired(guard, slotOf({ ...table, scope: 'resource' }), 'a');
    const other = slotOf({ ...table, scope: 'resource', jobId: 'other', at: 1 });
    expectSame('acquire', (await guard.acquire(other, tokenOf('b'))).status, 'contended');
  });
  add('resource', 'held whole excludes its occurrences', async (guard) => {
    const lease = await acquired(guard, slotOf({ ...table, scope: 'resource' }), 'a');
    const occurrence = slotOf({ ...table, jobId: 'other' });
    expectSame('acquire', (await guard.acquire(occurrence, tokenOf('b'))).status, 'contended');
    await acquired(guard, slotOf({ resourceId: 'another table', jobId: 'third' }), 'c');
    await released(guard, lease, 'abandoned');
    await acquired(guard, occurrence, 'b');
  });
  add('resource', 'is not to be had whole while an occurrence holds it', async (guard) => {
    const one = await acquired(guard, slotOf(table), 'a');
    const two = await acquired(guard, slotOf({ ...table, at: 1 }), 'b');
    const whole = slotOf({ ...table, scope: 'resource', at: 2 });
    expectSame('acquire', (await guard.acquire(whole, tokenOf('c'))).status, 'contended');
    await released(guard, one, 'completed');
    expectSame('acquire', (await guard.acquire(whole, tokenOf('c'))).status, 'contended');
    await released(guard, two, 'abandoned');
    await acquired(guard, whole, 'c');
  });
}

function slotOf({
  jobId = 'job',
  resourceId = jobId,
  scope = 'occurrence',
  at = 0,
}: {
  jobId?: string;
  resourceId?: string;
  scope?: ExecutionSlot['scope'];
  at?: number;
} = {}): ExecutionSlot {
  return { jobId, resourceId, scope, scheduledAt: new Date(AT + at) };
}

/** 128 bits in hexadecimal digits, as the engine gives them. */
function tokenOf(name: string): string {
  return Array.from(name)
    .map((letter) => letter.charCodeAt(0).toString(16))
    .join('')
    .padStart(32, '0');
}

async function acquired(guard: ExecutionGuard, slot: ExecutionSlot, token: string): Promise<ExecutionLease> {
  const answer = await guard.acquire(slot, tokenOf(token));
  if (answer.status !== 'acquired') {
    throw new ConformanceError(`a lease that is free must be acquired, received ${answer.status}`);
  }
  return answer.lease;
}

async function released(
  guard: ExecutionGuard,
  lease: ExecutionLease,
  outcome: 'completed' | 'abandoned',
): Promise<void> {
  expectSame('release by the owner', await guard.release(lease, outcome), 'released');
}
