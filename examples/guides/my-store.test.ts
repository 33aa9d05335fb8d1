import { stateStoreConformance } from '@cloudiful-scheduler/testkit';
import { describe, test } from 'vitest';
import { MyStore } from './my-store.js';

describe('MyStore', () => {
  const cases = stateStoreConformance({
    create: () => new MyStore(),
    open: (first) => new MyStore(first.table),
    dispose: (store) => store.close(),
  });
  for (const { layer, name, run } of cases) test(`${layer}: ${name}`, run);
});
