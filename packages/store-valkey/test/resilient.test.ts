import type { StoreEvent } from '@cloudiful-scheduler/core';
import { freePort, isSkipped, ownServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ResilientValkeyStateStore,
  type ResilientValkeyStateStoreOptions,
  ValkeyStateStore,
} from '../src/index.js';
import { newJobId, saved, stateOf } from './states.js';

const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];
const PATIENCE = { timeout: 20_000 };
const recovery = { probeEveryMs: 30 };
const flavour = ownServer();

describe.skipIf(isSkipped(flavour))('a resilient store', () => {
  let server: TestServer;
  let direct: ValkeyStateStore;
  const stores: ResilientValkeyStateStore[] = [];
  const events: StoreEvent[] = [];
  const seen = () => events.map(({ type }) => type);

  beforeEach(async () => {
    events.length = 0;
    server = await TestServer.start({ program: flavour.name, args: DURABLE });
    direct = new ValkeyStateStore({ url: server.url });
  });

  afterEach(async () => {
    await Promise.all([direct.close(), ...stores.splice(0).map((store) => store.close())]);
    await server.stop();
  });

  function open(options: ResilientValkeyStateStoreOptions = {}, url = server.url): ResilientValkeyStateStore {
    const store = new ResilientValkeyStateStore({ url }, { commandTimeoutMs: 500, ...options });
    store.subscribe((event) => events.push(event));
    stores.push(store);
    return store;
  }

  async function triggersOnServer(id: string): Promise<number | undefined> {
    return (await direct.load(id).catch(() => undefined))?.state.triggerCount;
  }

  it.each(['kill', 'stop'] as const)('goes on from its mirror after a %s, for good', async (trouble) => {
    const store = open();
    const id = newJobId();
    const first = await saved(store, stateOf(id, 1), undefined);
    await (trouble === 'kill' ? server.kill() : server.signal('SIGSTOP'));
    const second = await saved(store, stateOf(id, 2), first);
    expect(store.degraded).toBe(true);
    expect(await store.save(stateOf(id, 9), first)).toEqual({ status: 'conflict' });
    await (trouble === 'kill' ? server.restart() : server.signal('SIGCONT'));
    await saved(store, stateOf(id, 3), second);
    expect((await store.load(id))?.state.triggerCount).toBe(3);
    await expect.poll(() => triggersOnServer(id), PATIENCE).toBeDefined();
    // A stopped process finds the second save in its socket when it wakes.
    expect(trouble === 'kill' ? [1] : [1, 2]).toContain(await triggersOnServer(id));
    expect(seen()).toEqual(['degraded']);
  });

  it('returns to the server and writes back what it has done meanwhile', async () => {
    const store = open({ recovery });
    const id = newJobId();
    const first = await saved(store, stateOf(id, 1), undefined);
    await server.kill();
    const second = await saved(store, stateOf(id, 2), first);
    await expect.poll(seen).toContain('recovery_failed');
    await server.restart();
    await expect.poll(seen, PATIENCE).toContain('recovered');
    expect(store.degraded).toBe(false);
    expect(await triggersOnServer(id)).toBe(2);
    await saved(store, stateOf(id, 3), second);
    expect(await triggersOnServer(id)).toBe(3);
    expect(seen()).not.toContain('conflict');
  });

  it('writes back onto nothing when the server has lost its data', async () => {
    const store = open({ recovery });
    const id = newJobId();
    const first = await saved(store, stateOf(id, 1), undefined);
    await server.kill();
    await saved(store, stateOf(id, 2), first);
    await server.restart({ program: flavour.name, args: ['--appendfilename', 'empty.aof'] });
    await expect.poll(seen, PATIENCE).toContain('recovered');
    expect(await triggersOnServer(id)).toBe(2);
  });

  it('reports a conflict, and lets what is further ahead stand', async () => {
    const store = open({ recovery: { probeEveryMs: 500 } });
    const [behind, ahead] = [newJobId(), newJobId()];
    const revisions = await Promise.all([behind, ahead].map((id) => saved(store, stateOf(id, 1), undefined)));
    await server.kill();
    await saved(store, stateOf(behind, 2), revisions[0]);
    await saved(store, stateOf(ahead, 9), revisions[1]);
    await server.restart();
    for (const id of [behind, ahead]) {
      await expect
        .poll(
          async () => (await direct.save(stateOf(id, 5), (await direct.load(id))?.revision)).status,
          PATIENCE,
        )
        .toBe('saved');
    }
    await expect.poll(seen, PATIENCE).toContain('recovered');
    const conflicts = events.filter(({ type }) => type === 'conflict').map(({ jobId }) => jobId);
    expect(conflicts).toHaveLength(2);
    expect(new Set(conflicts)).toEqual(new Set([behind, ahead]));
    expect(await triggersOnServer(behind)).toBe(5);
    expect(await triggersOnServer(ahead)).toBe(9);
    expect((await store.load(behind))?.state.triggerCount).toBe(5);
  });

  it('begins without the server if that is allowed, and writes back when it comes', async () => {
    const port = await freePort();
    const id = newJobId();
    const strict = open({}, `valkey://127.0.0.1:${port}`);
    await expect(strict.load(id)).rejects.toMatchObject({ kind: 'connection' });
    await server.kill();
    const store = open({ recovery, startDegraded: true });
    expect(await store.load(id)).toBeUndefined();
    await saved(store, stateOf(id, 2), undefined);
    expect(store.degraded).toBe(true);
    await server.restart();
    await expect.poll(seen, PATIENCE).toContain('recovered');
    expect(await triggersOnServer(id)).toBe(2);
  });

  it('does not go on after a refusal or a corrupt record', async () => {
    const admin = new Redis(server.url);
    const id = newJobId();
    await admin.set(`scheduler:valkey:job-state:${id}`, 'corrupt');
    const store = open({ startDegraded: true });
    await expect(store.load(id)).rejects.toMatchObject({ kind: 'data' });
    await admin.call('ACL', 'SETUSER', 'default', '>password', '-set');
    await expect(store.save(stateOf(newJobId()), undefined)).rejects.toMatchObject({ kind: 'denied' });
    expect(store.degraded).toBe(false);
    admin.disconnect();
  });
});
