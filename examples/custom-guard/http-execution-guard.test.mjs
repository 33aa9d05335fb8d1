import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { executionGuardConformance } from '@cloudiful-scheduler/testkit';
import { startKeyValueServer } from '../custom-store/kv-server.mjs';
import { HttpExecutionGuard } from './http-execution-guard.mjs';

// The clock of the service stands still until a case lets time pass: no case waits, and none is too slow.
let now = Date.parse('2026-01-01T00:00:00Z');
const server = await startKeyValueServer(0, () => now);
after(() => server.close());

const times = { ttlMs: 10_000, completedTtlMs: 60_000 };
const cases = executionGuardConformance({
  create: () => new HttpExecutionGuard(`${server.url}${randomUUID()}/`, times),
  open: (first) => new HttpExecutionGuard(first.url, times),
  advance: async (ms) => {
    now += ms;
  },
  completedTtlMs: times.completedTtlMs,
});
for (const { layer, name, run } of cases) void test(`${layer}: ${name}`, run);
