import type { ExecutionLease } from '@cloudiful-scheduler/core';
import {
  type Fault,
  FaultyProxy,
  isSkipped,
  ownServer,
  TestServer,
} from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ValkeyExecutionGuard } from '../src/index.js';
import { acquired, newSlot, newToken } from './slots.js';

const TIMEOUT_MS = 300;
const PATIENCE = { timeout: 10_000, interval: 20 };
/** How late a busy machine may be. */
const SLACK_MS = 3_000;
const flavour = ownServer();

const faults: readonly (readonly [Fault, isCarriedOut: boolean])[] = [
  [{ kind: 'refuse' }, false],
  [{ kind: 'reset' }, false],
  [{ kind: 'stall' }, false],
  [{ kind: 'half_close' }, true],
  [{ kind: 'drop_reply' }, true],
  [{ kind: 'cut_reply' }, true],
  [{ kind: 'delay', ms: 10 * TIMEOUT_MS }, true],
];

describe.skipIf(isSkipped(flavour))('a guard behind a faulty network', () => {
  let server: TestServer;
  let direct: Redis;
  let other: ValkeyExecutionGuard;

  beforeAll(async () => {
    server = await TestServer.start({ program: flavour.name });
    direct = new Redis(server.url);
    other = new ValkeyExecutionGuard({ client: direct });
  });

  afterAll(async () => {
    direct.disconnect();
    await server.stop();
  });

  describe.each(['its own connection', 'a client that it was given'])('with %s', (kind) => {
    async function behindProxy(): Promise<{
      proxy: FaultyProxy;
      guard: ValkeyExecutionGuard;
      end: () => Promise<void>;
    }> {
      const proxy = await FaultyProxy.start(server.port);
      const client =
        kind === 'its own connection' ? undefined : new Redis(proxy.url, { socketTimeout: TIMEOUT_MS });
      client?.on('error', () => {});
      const guard = new ValkeyExecutionGuard(client ? { client } : { url: proxy.url }, {
        commandTimeoutMs: TIMEOUT_MS,
      });
      const end = async () => {
        await guard.close();
        client?.disconnect();
        await proxy.stop();
      };
      return { proxy, guard, end };
    }

    async function failsInTime(call: () => Promise<unknown>): Promise<void> {
      const begun = performance.now();
      await expect(call()).rejects.toMatchObject({ kind: 'connection' });
      expect(performance.now() - begun).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    }

    /** Repeats a call as the engine does, until it is answered. */
    async function repeated<T>(call: () => Promise<T>): Promise<T> {
      const deadline = performance.now() + 10_000;
      for (;;) {
        try {
          return await call();
        } catch (error) {
          if (performance.now() > deadline) throw error;
        }
      }
    }

    describe.concurrent.each(faults.map(([fault, isCarriedOut]) => ({ fault, isCarriedOut })))(
      '$fault.kind',
      ({ fault, isCarriedOut }) => {
        it.concurrent('acquire fails in time; asked again, the same token has the lease', async () => {
          const { proxy, guard, end } = await behindProxy();
          const [slot, token] = [newSlot(), newToken()];
          const before = await acquired(guard, newSlot({ resourceId: slot.resourceId }));
          await proxy.set(fault);
          await failsInTime(() => guard.acquire(slot, token));
          await vi.waitFor(
            async () =>
              expect(await direct.exists(before.key.replace(before.slot.jobId, slot.jobId))).toBe(
                isCarriedOut ? 1 : 0,
              ),
            PATIENCE,
          );
          await proxy.set({ kind: 'none' });
          const answer = await repeated(() => guard.acquire(slot, token));
          expect(answer.status).toBe('acquired');
          expect((await other.acquire(slot, newToken())).status).toBe('contended');
          const { lease } = answer as { lease: ExecutionLease };
          expect(lease.fencingToken).toBeGreaterThan(before.fencingToken);
          expect(await guard.release(lease, 'abandoned')).toBe('released');
          await end();
        });

        it.concurrent('renew fails in time; asked again, it renews', async () => {
          const { proxy, guard, end } = await behindProxy();
          const lease = await acquired(guard, newSlot());
          await direct.pexpire(lease.key, 15_000);
          await proxy.set(fault);
          await failsInTime(() => guard.renew(lease));
          await vi.waitFor(
            async () => expect((await direct.pttl(lease.key)) > 15_000).toBe(isCarriedOut),
            PATIENCE,
          );
          await proxy.set({ kind: 'none' });
          expect(await repeated(() => guard.renew(lease))).toBe('renewed');
          await end();
        });

        it.concurrent('release fails in time; asked again, it is released and remembered', async () => {
          const { proxy, guard, end } = await behindProxy();
          const lease = await acquired(guard, newSlot());
          await proxy.set(fault);
          await failsInTime(() => guard.release(lease, 'completed'));
          await vi.waitFor(
            async () => expect(await direct.exists(lease.key)).toBe(isCarriedOut ? 0 : 1),
            PATIENCE,
          );
          await proxy.set({ kind: 'none' });
          expect(await repeated(() => guard.release(lease, 'completed'))).toBe('released');
          expect((await other.acquire(lease.slot, newToken())).status).toBe('completed');
          await end();
        });
      },
    );
  });
});
