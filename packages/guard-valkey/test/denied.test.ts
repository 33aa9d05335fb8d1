import { inspect } from 'node:util';
import { isSkipped, ownServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ValkeyExecutionGuard } from '../src/index.js';
import { acquired, newSlot, newToken } from './slots.js';

const MINIMAL =
  'on >a-secret-word resetchannels -@all ~scheduler:valkey:execution-lease:* +evalsha +eval +exists +get +set +del +time +pexpire +pttl +zadd +zrem +zcount +zremrangebyscore +info';
const flavour = ownServer();

describe.skipIf(isSkipped(flavour))('a guard with few permissions', () => {
  let server: TestServer;
  let admin: Redis;

  beforeAll(async () => {
    server = await TestServer.start({ program: flavour.name });
    admin = new Redis(server.url);
  });

  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  async function guardOf(
    user: string,
    rules: string,
    password = 'a-secret-word',
  ): Promise<ValkeyExecutionGuard> {
    await admin.call('ACL', 'SETUSER', user, 'reset', ...rules.split(' '));
    const url = `valkey://${user}:${password}@127.0.0.1:${server.port}`;
    return new ValkeyExecutionGuard({ url }, { commandTimeoutMs: 3_000 });
  }

  it('works with the permissions that the README names', async () => {
    await using guard = await guardOf('minimal', MINIMAL);
    await admin.script('FLUSH');
    for (const scope of ['occurrence', 'resource'] as const) {
      const slot = newSlot({ scope });
      const lease = await acquired(guard, slot);
      expect((await guard.acquire(slot, newToken())).status).toBe('contended');
      expect((await acquired(guard, slot, lease.token)).fencingToken).toBe(lease.fencingToken);
      expect(await guard.renew(lease)).toBe('renewed');
      expect(await guard.release(lease, 'completed')).toBe('released');
      expect((await guard.acquire(slot, newToken())).status).toBe('completed');
    }
  });

  it.each(MINIMAL.split(' ').filter((rule) => rule.startsWith('+') && rule !== '+info'))(
    'says so when %s is missing',
    async (rule) => {
      await using guard = await guardOf(
        'lacking',
        MINIMAL.split(' ')
          .filter((one) => one !== rule)
          .join(' '),
      );
      await admin.script('FLUSH');
      const slot = newSlot();
      const work = async () => {
        const lease = await acquired(guard, slot);
        await guard.renew(lease);
        await guard.release(lease, 'completed');
        await acquired(guard, { ...slot, scope: 'resource', scheduledAt: new Date(0) });
      };
      const error = await work().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ERR_GUARD_DENIED', kind: 'denied' });
      expect(String(error)).toContain(`'${rule.slice(1)}'`);
    },
  );

  it('names the keys when they are not allowed', async () => {
    await using guard = await guardOf(
      'elsewhere',
      MINIMAL.replace('~scheduler:valkey:execution-lease:*', '~other:*'),
    );
    await expect(guard.acquire(newSlot(), newToken())).rejects.toMatchObject({
      code: 'ERR_GUARD_DENIED',
      message: expect.stringContaining('~scheduler:valkey:execution-lease:*'),
    });
  });

  it.each(['wrong', ''])('fails at once with the password %j, without showing it', async (password) => {
    await using guard = await guardOf('minimal', MINIMAL, password && `${password}-a-secret-word`);
    if (password === '') await admin.call('ACL', 'SETUSER', 'default', '>other');
    for (let call = 0; call < 3; call += 1) {
      const error: unknown = await guard.acquire(newSlot(), newToken()).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ERR_GUARD_DENIED' });
      expect(
        `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}${(error as Error).stack}`,
      ).not.toContain('secret');
    }
    expect(inspect(guard, { depth: 9, showHidden: true })).not.toContain('secret');
    await admin.call('ACL', 'SETUSER', 'default', 'nopass');
  });

  it('works again once the password is right', async () => {
    await using guard = await guardOf('late', MINIMAL.replace('a-secret-word', 'another'));
    const slot = newSlot();
    await expect(guard.acquire(slot, newToken())).rejects.toMatchObject({ kind: 'denied' });
    await admin.call('ACL', 'SETUSER', 'late', '>a-secret-word');
    await expect
      .poll(() => guard.acquire(slot, 'token').catch(() => undefined), { timeout: 10_000 })
      .toMatchObject({ status: 'acquired' });
  });
});
