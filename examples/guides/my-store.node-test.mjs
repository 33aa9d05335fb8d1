import { test } from 'node:test';
import { stateStoreConformance } from '@cloudiful-scheduler/testkit';
import { MyStore } from './my-store.js';

const cases = stateStoreConformance({
  create: () => new MyStore(), // without records
  open: (first) => new MyStore(first.table), // a second one on the same records: adds `shared` and `durable`
  dispose: (store) => store.close(),
});
for (const { layer, name, run } of cases) void test(`${layer}: ${name}`, run);
