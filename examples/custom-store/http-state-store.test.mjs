import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { stateStoreConformance } from '@cloudiful-scheduler/testkit';
import { HttpStateStore } from './http-state-store.mjs';
import { startKeyValueServer } from './kv-server.mjs';

const server = await startKeyValueServer();
after(() => server.close());

const cases = stateStoreConformance({
  create: () => new HttpStateStore(`${server.url}${randomUUID()}/`),
  open: (first) => new HttpStateStore(first.url),
});
for (const { layer, name, run } of cases) void test(`${layer}: ${name}`, run);
