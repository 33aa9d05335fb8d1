import { isSkipped, ownServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ValkeyExecutionGuard } from '../src/index.js';
import { acquired, newSlot, newToken } from './slots.js';

const TIMEOUT_MS = 500;
const PATIENCE = { timeout: 20_000 };
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];
const flavour = ownServer();

describe.skipIf(isSkipped(flavour))('a guard whose server is in trouble', () => {
  let server: TestServer;
  let guard: ValkeyExecutionGuard;
  const admins: Redis[] = [];

  beforeEach(() => start([]));

  afterEach(async () => {
    await guard.close();
    for (const client of admins.splice(0)) client.disconnect();
    await server.stop();
  });

  async function start(args: readonly string[]): Promise<void> {
    server = await TestServer.start({ program: flavour.name, args });
    guard = new ValkeyExecutionGuard({ url: server.url }, { commandTimeoutMs: TIMEOUT_MS });
  }

  async function startAnew(args: readonly string[]): Promise<void> {
    await guard.close();
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
      .poll(() => guard.acquire(newSlot(), newToken()).catch(() => undefined), PATIENCE)
      .toMatchObject({ status: 'acquired' });
  }

  const unavailable = { code: 'ERR_GUARD_UNAVAILABLE', kind: 'connection' };

  it('keeps leases and done markers when a durable server is killed and comes back', async () => {
    await startAnew(DURABLE);
    const [held, done] = [await acquired(guard, newSlot()), await acquired(guard, newSlot())];
    await guard.release(done, 'completed');
    await server.kill();
    await expect(guard.renew(held)).rejects.toMatchObject({ kind: 'connection' });
    await expect(guard.acquire(newSlot(), newToken())).rejects.toMatchObject({ kind: 'connection' });
    await server.restart();
    await untilItAnswers();
    expect(await guard.renew(held)).toBe('renewed');
    expect((await guard.acquire(held.slot, newToken())).status).toBe('contended');
    expect((await guard.acquire(done.slot, newToken())).status).toBe('completed');
  });

  it('says that a lease is lost when the server has lost it, and fencing tokens still grow', async () => {
    const lease = await acquired(guard, newSlot());
    await server.kill();
    await server.restart();
    await untilItAnswers();
    expect(await guard.renew(lease)).toBe('lost');
    expect(await guard.release(lease, 'completed')).toBe('lost');
    expect((await acquired(guard, lease.slot)).fencingToken).toBeGreaterThan(lease.fencingToken);
  });

  it('fails in time while the process is stopped, and goes on when it wakes', async () => {
    const lease = await acquired(guard, newSlot());
    server.signal('SIGSTOP');
    for (let call = 0; call < 2; call += 1) {
      await expect(guard.acquire(newSlot(), newToken())).rejects.toMatchObject({ kind: 'connection' });
      await expect(guard.renew(lease)).rejects.toMatchObject({ kind: 'connection' });
      await expect(guard.release(lease, 'abandoned')).rejects.toMatchObject({ kind: 'connection' });
    }
    server.signal('SIGCONT');
    await untilItAnswers();
    expect(['released', 'lost']).toContain(await guard.release(lease, 'abandoned'));
    expect((await guard.acquire(lease.slot, newToken())).status).toBe('acquired');
  });

  it('renews and releases on a server that is full, and acquires once there is room', async () => {
    const lease = await acquired(guard, newSlot());
    const slot = newSlot();
    await admin().config('SET', 'maxmemory', '1');
    await expect(guard.acquire(slot, newToken())).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('OOM'),
    });
    expect(await guard.renew(lease)).toBe('renewed');
    expect(await guard.release(lease, 'completed')).toBe('released');
    expect((await guard.acquire(lease.slot, newToken())).status).toBe('completed');
    await admin().config('SET', 'maxmemory', '0');
    await acquired(guard, slot);
  });

  it('waits out a server that is read-only', async () => {
    const lease = await acquired(guard, newSlot());
    await admin().replicaof('127.0.0.1', 1);
    const readonly = { ...unavailable, message: expect.stringContaining('READONLY') };
    await expect(guard.renew(lease)).rejects.toMatchObject(readonly);
    await admin().replicaof('NO', 'ONE');
    await expect.poll(() => guard.renew(lease).catch(() => undefined), PATIENCE).toBe('renewed');
  });

  it('goes on after the scripts were flushed and the server restarted', async () => {
    await startAnew(DURABLE);
    const lease = await acquired(guard, newSlot());
    await server.kill('SIGTERM');
    await server.restart();
    await untilItAnswers();
    await admin().script('FLUSH');
    expect(await guard.renew(lease)).toBe('renewed');
    expect(await guard.release(lease, 'completed')).toBe('released');
  });
});
