import { setTimeout as sleep } from 'node:timers/promises';
import { executionGuardConformance } from '@cloudiful-scheduler/testkit';
import { describeOnEachServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, it } from 'vitest';
import { ValkeyExecutionGuard } from '../src/index.js';

const TTL_MS = 500;
const COMPLETED_TTL_MS = 800;
describeOnEachServer('conformance', ({ program }) => {
  let server: TestServer | undefined;
  let client: Redis;
  let prefixes = 0;
  const prefixOf = new WeakMap<object, string>();

  beforeAll(async () => {
    server = program === undefined ? undefined : await TestServer.start({ program });
    client = new Redis(server?.url ?? (process.env['VALKEY_URL'] as string));
  });

  afterAll(async () => {
    client.disconnect();
    await server?.stop();
  });

  function guardAt(keyPrefix: string): ValkeyExecutionGuard {
    const guard = new ValkeyExecutionGuard(
      { client },
      { ttlMs: TTL_MS, renewEveryMs: 100, completedTtlMs: COMPLETED_TTL_MS, keyPrefix },
    );
    prefixOf.set(guard, keyPrefix);
    return guard;
  }

  const cases = executionGuardConformance({
    create: () => guardAt(`conformance:${process.pid}:${Date.now()}:${(prefixes += 1)}:`),
    open: (first) => guardAt(prefixOf.get(first) as string),
    advance: (ms) => sleep(ms + 2),
    completedTtlMs: COMPLETED_TTL_MS,
  });

  for (const { layer, name, run } of cases) it.concurrent(`${layer}: ${name}`, run);
});
