import { ManualClock } from '@cloudiful-scheduler/testkit';
import { describe, expect, it } from 'vitest';
import type { ExecutionLease, ExecutionSlot } from '../execution-guard.js';
import { InMemoryExecutionGuard } from './in-memory-execution-guard.js';

const slot = (at = 0, more: Partial<ExecutionSlot> = {}): ExecutionSlot => ({
  jobId: 'job',
  resourceId: 'job',
  scope: 'occurrence',
  scheduledAt: new Date(at),
  ...more,
});

async function leaseOf(
  guard: InMemoryExecutionGuard,
  of: ExecutionSlot,
  token: string,
): Promise<ExecutionLease> {
  const answer = await guard.acquire(of, token);
  if (answer.status !== 'acquired') throw new Error(`expected a lease, got ${answer.status}`);
  return answer.lease;
}

describe('InMemoryExecutionGuard', () => {
  it('forgets leases and markers whose time is over, in whatever order they were renewed', async () => {
    const clock = new ManualClock();
    const guard = new InMemoryExecutionGuard({ ttlMs: 1_000, completedTtlMs: 5_000, clock });
    const first = await leaseOf(guard, slot(1), 'a');
    await clock.advance(500);
    const second = await leaseOf(guard, slot(2), 'b');
    expect(await guard.renew(first)).toBe('renewed');
    await clock.advance(999);
    expect(await guard.renew(second)).toBe('renewed');
    await clock.advance(1);
    expect(await guard.renew(first)).toBe('lost');
    expect(await guard.release(second, 'completed')).toBe('released');
    expect(await guard.release(second, 'completed')).toBe('released');
    expect((await guard.acquire(slot(2), 'c')).status).toBe('completed');
    await clock.advance(5_000);
    expect((await guard.acquire(slot(2), 'c')).status).toBe('acquired');
  });

  it('lets a lease of the whole resource and leases of its occurrences exclude each other', async () => {
    const guard = new InMemoryExecutionGuard({ clock: new ManualClock() });
    const whole = slot(0, { scope: 'resource', resourceId: 'table' });
    const lease = await leaseOf(guard, whole, 'a');
    expect((await guard.acquire(slot(0, { resourceId: 'table' }), 'b')).status).toBe('contended');
    expect((await guard.acquire(slot(0, { resourceId: 'other' }), 'b')).status).toBe('acquired');
    await guard.release(lease, 'abandoned');
    const one = await leaseOf(guard, slot(7, { resourceId: 'table' }), 'b');
    expect(await guard.acquire(whole, 'c')).toEqual({ status: 'contended' });
    expect((await leaseOf(guard, slot(8, { resourceId: 'table' }), 'd')).fencingToken).toBeGreaterThan(
      one.fencingToken,
    );
  });

  it.each([
    [{ ttlMs: 0 }, 'ttlMs'],
    [{ ttlMs: 1.5 }, 'ttlMs'],
    [{ ttlMs: 100, renewEveryMs: 100 }, 'renewEveryMs'],
    [{ renewEveryMs: 0 }, 'renewEveryMs'],
    [{ completedTtlMs: -1 }, 'completedTtlMs'],
    [{ clock: {} as never }, 'clock'],
    [{ ttl: 5 } as never, 'ttl'],
  ])('refuses %j', (options, name) => {
    expect(() => new InMemoryExecutionGuard(options)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: expect.stringContaining(name) }),
    );
  });
});
