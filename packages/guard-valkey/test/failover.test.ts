import { isSkipped, ownServer, TestCluster, TestSentinel } from '@cloudiful-scheduler/valkey-testing';
import { describe, expect, it } from 'vitest';
import { ValkeyExecutionGuard } from '../src/index.js';
import { acquired, newSlot, newToken } from './slots.js';

const PATIENCE = { timeout: 40_000 };
const flavour = ownServer();

describe.skipIf(isSkipped(flavour))('a guard on several servers', () => {
  it('keeps the leases that were replicated when a primary of a Cluster dies', async () => {
    await using cluster = await TestCluster.start(flavour.name);
    const client = cluster.client();
    const guard = new ValkeyExecutionGuard({ client }, { ttlMs: 120_000, commandTimeoutMs: 1_000 });
    const slots = Array.from({ length: 30 }, (_, index) =>
      newSlot({ scope: index % 2 ? 'resource' : 'occurrence' }),
    );
    const leases = await Promise.all(slots.map((slot) => acquired(guard, slot)));
    await cluster.settle();
    await cluster.servers[0]?.kill();
    for (const lease of leases) {
      await expect
        .poll(() => guard.renew(lease).catch((error: Error) => error.message), PATIENCE)
        .toBe('renewed');
      expect((await guard.acquire(lease.slot, newToken())).status).toBe('contended');
      expect(await guard.release(lease, 'completed')).toBe('released');
      const next = await acquired(guard, { ...lease.slot, scheduledAt: new Date(0) });
      expect(next.fencingToken).toBeGreaterThan(lease.fencingToken);
    }
    client.disconnect();
  });

  it('keeps the leases that were replicated when the primary of a Sentinel dies', async () => {
    await using group = await TestSentinel.start(flavour.name);
    const client = group.client();
    const guard = new ValkeyExecutionGuard({ client }, { ttlMs: 120_000, commandTimeoutMs: 1_000 });
    const lease = await acquired(guard, newSlot());
    await client.wait(1, 5_000);
    await group.primary.kill();
    await expect(guard.renew(lease)).rejects.toMatchObject({ kind: 'connection' });
    await expect
      .poll(() => guard.renew(lease).catch((error: Error) => error.message), PATIENCE)
      .toBe('renewed');
    expect((await guard.acquire(lease.slot, newToken())).status).toBe('contended');
    client.disconnect();
  });
});
