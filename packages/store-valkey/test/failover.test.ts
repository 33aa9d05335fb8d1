import {
  FaultyProxy,
  isSkipped,
  ownServer,
  TestCluster,
  TestSentinel,
  TestServer,
  freePort,
} from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { describe, expect, it } from 'vitest';
import { ValkeyStateStore } from '../src/index.js';
import { saved, stateOf } from './states.js';

const PATIENCE = { timeout: 40_000 };
const flavour = ownServer();

describe.skipIf(isSkipped(flavour))('a store on several servers', () => {
  it('keeps what was replicated when a primary of a Cluster dies', async () => {
    await using cluster = await TestCluster.start(flavour.name);
    const client = cluster.client();
    const store = new ValkeyStateStore({ client }, { commandTimeoutMs: 1_000 });
    const ids = Array.from({ length: 30 }, (_, index) => `job-${index}`);
    const revisions = await Promise.all(ids.map((id, index) => saved(store, stateOf(id, index), undefined)));
    await client.set('scheduler:job-state:early', JSON.stringify({ job_id: 'early', trigger_count: 4 }));
    await saved(store, stateOf('early', 5), (await store.load('early'))?.revision);
    await cluster.settle();
    await cluster.servers[0]?.kill();
    for (const [index, id] of ids.entries()) {
      await expect
        .poll(() => store.load(id).catch((error: Error) => error.message), PATIENCE)
        .toMatchObject({ state: { triggerCount: index } });
    }
    await Promise.all(ids.map((id, index) => saved(store, stateOf(id, 100), revisions[index])));
    await Promise.all([...ids, 'early'].map((id) => store.delete(id)));
    expect(await store.load('early')).toBeUndefined();
    client.disconnect();
  });

  it('keeps what was replicated when the primary of a Sentinel dies', async () => {
    await using group = await TestSentinel.start(flavour.name);
    const client = group.client();
    const store = new ValkeyStateStore({ client }, { commandTimeoutMs: 1_000 });
    const revision = await saved(store, stateOf('job', 1), undefined);
    await client.wait(1, 5_000);
    await group.primary.kill();
    await expect(store.load('job')).rejects.toMatchObject({ kind: 'connection' });
    await expect
      .poll(() => store.load('job').catch((error: Error) => error.message), PATIENCE)
      .toMatchObject({ revision });
    await expect
      .poll(() => store.save(stateOf('job', 2), revision).catch((error: Error) => error.message), PATIENCE)
      .toMatchObject({ status: 'saved' });
    client.disconnect();
  });

  it.each([1, 3])(
    'follows an address that leads to a new primary, with %i saves at a time',
    async (count) => {
      const [old, next] = await Promise.all([1, 2].map(() => TestServer.start({ program: flavour.name })));
      if (old === undefined || next === undefined) throw new Error('There are no servers');
      const [atOld, atNext] = [new Redis(old.url), new Redis(next.url)];
      await using proxy = await FaultyProxy.start(old.port);
      const store = new ValkeyStateStore({ url: proxy.url }, { commandTimeoutMs: 1_000 });
      const ids = Array.from({ length: count }, (_, index) => `job-${index}`);
      const revisions = await Promise.all(ids.map((id) => saved(store, stateOf(id, 1), undefined)));
      await atNext.replicaof('127.0.0.1', old.port);
      await expect.poll(() => atNext.info('replication'), PATIENCE).toContain('master_link_status:up');
      await atNext.replicaof('NO', 'ONE');
      await atOld.replicaof('127.0.0.1', next.port);
      proxy.targetPort = next.port;
      const save = (id: string, index: number) =>
        expect
          .poll(
            () => store.save(stateOf(id, 2), revisions[index]).catch((error: Error) => error.message),
            PATIENCE,
          )
          .toMatchObject({ status: 'saved' });
      await Promise.all(ids.map(save));
      await store.close();
      atOld.disconnect();
      atNext.disconnect();
      await Promise.all([old.stop(), next.stop()]);
    },
  );

  it('takes the saves of many jobs from a plain client of a Cluster of one', async () => {
    const args = ['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`];
    const server = await TestServer.start({ program: flavour.name, args });
    const client = new Redis(server.url);
    await client.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await expect.poll(() => client.get('any').catch((error: Error) => error.message), PATIENCE).toBe(null);
    const store = new ValkeyStateStore({ client });
    const ids = Array.from({ length: 30 }, (_, index) => `job-${index}`);
    const revisions = await Promise.all(ids.map((id) => saved(store, stateOf(id, 1), undefined)));
    await Promise.all(ids.map((id, index) => saved(store, stateOf(id, 2), revisions[index])));
    expect(await Promise.all(ids.map(async (id) => (await store.load(id))?.state.triggerCount))).toEqual(
      ids.map(() => 2),
    );
    client.disconnect();
    await server.stop();
  });
});
