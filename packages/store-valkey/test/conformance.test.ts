import { type StateStore } from '@cloudiful-scheduler/core';
import { stateStoreConformance } from '@cloudiful-scheduler/testkit';
import { describeOnEachServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { ResilientValkeyStateStore, ValkeyStateStore } from '../src/index.js';

const kinds = { ValkeyStateStore, ResilientValkeyStateStore };
describeOnEachServer('conformance', ({ program }) => {
  let server: TestServer | undefined;
  let url: string;
  let prefixes = 0;
  const prefixOf = new WeakMap<object, string>();

  beforeAll(async () => {
    server = program === undefined ? undefined : await TestServer.start({ program });
    url = server?.url ?? (process.env['VALKEY_URL'] as string);
  });

  afterAll(() => server?.stop());

  describe.each(Object.entries(kinds))('%s', (_, Store) => {
    const storeAt = (keyPrefix: string): StateStore => {
      const store = new Store({ url }, { keyPrefix });
      prefixOf.set(store, keyPrefix);
      return store;
    };

    const cases = stateStoreConformance({
      create: () => storeAt(`conformance:${process.pid}:${Date.now()}:${(prefixes += 1)}:`),
      open: (first) => storeAt(prefixOf.get(first) as string),
      dispose: (store) => (store as ValkeyStateStore).close(),
    });

    for (const { layer, name, run } of cases) it(`${layer}: ${name}`, run);
  });
});
