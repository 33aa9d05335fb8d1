import { isSkipped, ownServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ValkeyStateStore } from '../src/index.js';
import { newJobId, saved, stateOf } from './states.js';

const TIMEOUT_MS = 500;
const PATIENCE = { timeout: 20_000 };
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];
const flavour = ownServer();

describe.skipIf(isSkipped(flavour))('a store whose server is in trouble', () => {
  let server: TestServer;
  let store: ValkeyStateStore;
  const admins: Redis[] = [];

  beforeEach(() => start([]));

  afterEach(async () => {
    await store.close();
    for (const client of admins.splice(0)) client.disconnect();
    await server.stop();
  });

  async function start(args: readonly string[]): Promise<void> {
    server = await TestServer.start({ program: flavour.name, args });
    store = new ValkeyStateStore({ url: server.url }, { commandTimeoutMs: TIMEOUT_MS });
  }

  async function startAnew(args: readonly string[]): Promise<void> {
    await store.close();
    await server.stop();
    await start(args);
  }

  function admin(): Redis {
    const client = new Redis(server.url);
    client.on('error', () => {});
    admins.push(client);
    return client;
  }

  async function untilItAnswers(): Promise<void> {
    await expect
      .poll(() => store.load('nobody').catch((error: Error) => error.message), PATIENCE)
      .toBeUndefined();
  }

  const unavailable = { kind: 'connection' };

  it('keeps a record when a durable server is killed and comes back', async () => {
    await startAnew(DURABLE);
    const id = newJobId();
    const revision = await saved(store, stateOf(id, 5), undefined);
    await server.kill();
    await expect(store.load(id)).rejects.toMatchObject(unavailable);
    await expect(store.save(stateOf(id, 6), revision)).rejects.toMatchObject(unavailable);
    await server.restart();
    await untilItAnswers();
    expect(await store.load(id)).toMatchObject({ revision, state: { triggerCount: 5 } });
    await saved(store, stateOf(id, 6), revision);
  });

  it('meets a conflict when the server has lost the record', async () => {
    const id = newJobId();
    const revision = await saved(store, stateOf(id), undefined);
    await server.kill();
    await server.restart();
    await untilItAnswers();
    expect(await store.save(stateOf(id, 2), revision)).toEqual({ status: 'conflict' });
    expect(await store.load(id)).toBeUndefined();
    await saved(store, stateOf(id, 2), undefined);
  });

  it('fails in time while the process is stopped, and goes on when it wakes', async () => {
    const id = newJobId();
    const revision = await saved(store, stateOf(id), undefined);
    server.signal('SIGSTOP');
    for (let call = 0; call < 3; call += 1) {
      await expect(store.load(id)).rejects.toMatchObject(unavailable);
      await expect(store.save(stateOf(id, 2), 'never')).rejects.toMatchObject(unavailable);
    }
    server.signal('SIGCONT');
    await untilItAnswers();
    expect(await store.load(id)).toMatchObject({ revision });
  });

  it('waits out a server that is full, which still reads and deletes', async () => {
    const id = newJobId();
    const revision = await saved(store, stateOf(id), undefined);
    await admin().config('SET', 'maxmemory', '1');
    await expect(store.save(stateOf(id, 2), revision)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('OOM'),
    });
    expect(await store.load(id)).toMatchObject({ revision });
    await store.delete(id);
    await admin().config('SET', 'maxmemory', '0');
    await saved(store, stateOf(id, 2), undefined);
  });

  it('waits out a server that is read-only', async () => {
    const id = newJobId();
    const revision = await saved(store, stateOf(id), undefined);
    await admin().replicaof('127.0.0.1', 1);
    await expect(store.save(stateOf(id, 2), revision)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('READONLY'),
    });
    await admin().replicaof('NO', 'ONE');
    await expect
      .poll(() => store.save(stateOf(id, 2), revision).catch(() => undefined), PATIENCE)
      .toMatchObject({ status: 'saved' });
  });

  it('waits out a server that is loading its data', async () => {
    const id = newJobId();
    await saved(store, stateOf(id, 5), undefined);
    const filler = admin().pipeline();
    for (let key = 0; key < 3_000; key += 1) filler.set(`filler:${key}`, 'x'.repeat(100));
    await filler.exec();
    await admin().save();
    await server.kill();
    const slowly = ['--key-load-delay', '500', '--loading-process-events-interval-bytes', '1024'];
    await server.restart({ program: flavour.name, args: slowly, untilListening: true });
    await expect(store.load(id)).rejects.toMatchObject(unavailable);
    await untilItAnswers();
    expect((await store.load(id))?.state.triggerCount).toBe(5);
  });

  it('waits out a server that takes no more connections', async () => {
    await admin().config('SET', 'maxclients', '1');
    await expect(store.load('job')).rejects.toMatchObject(unavailable);
    await admins[0]?.config('SET', 'maxclients', '100');
    await untilItAnswers();
  });

  it('waits out a script of others that takes long', async () => {
    const id = newJobId();
    await saved(store, stateOf(id), undefined);
    const [busy, rescuer] = [admin(), admin()];
    await busy.config('SET', 'busy-reply-threshold', '50');
    await rescuer.ping();
    const blocked = busy.eval('while true do end', 0).catch((error: Error) => error.message);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(store.load(id)).rejects.toMatchObject(unavailable);
    await rescuer.script('KILL');
    await blocked;
    await untilItAnswers();
  });

  it('reads an answer that came while this process was busy past the deadline', async () => {
    const id = newJobId();
    const revision = await saved(store, stateOf(id), undefined);
    const pausing = admin();
    await pausing.call('CLIENT', 'PAUSE', TIMEOUT_MS / 4, 'ALL');
    const answer = store.load(id);
    await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + 4 * TIMEOUT_MS;
    while (performance.now() < until);
    await expect(answer).resolves.toMatchObject({ revision });
  });

  it('ends what waits when it is closed, and lets the process go', async () => {
    server.signal('SIGSTOP');
    const waiting = store.load('job').catch((error: Error) => error);
    await store.close();
    expect(await waiting).toMatchObject(unavailable);
    await expect(store.load('job')).rejects.toMatchObject(unavailable);
    await store.close();
  });
});
