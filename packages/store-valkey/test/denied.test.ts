import { inspect } from 'node:util';
import { isSkipped, ownServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ValkeyStateStore } from '../src/index.js';
import { newJobId, saved, stateOf } from './states.js';

const MINIMAL =
  'on >a-secret-word resetchannels -@all ~scheduler:valkey:job-state:* ~scheduler:job-state:* +evalsha +eval +get +set +del +info';
const flavour = ownServer();

describe.skipIf(isSkipped(flavour))('a store with few permissions', () => {
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

  async function storeOf(user: string, rules: string, password = 'a-secret-word'): Promise<ValkeyStateStore> {
    await admin.call('ACL', 'SETUSER', user, 'reset', ...rules.split(' '));
    const url = `valkey://${user}:${password}@127.0.0.1:${server.port}`;
    return new ValkeyStateStore({ url }, { commandTimeoutMs: 3_000 });
  }

  it('works with the permissions that the README names', async () => {
    await using store = await storeOf('minimal', MINIMAL);
    await admin.script('FLUSH');
    const id = newJobId();
    expect(await store.load(id)).toBeUndefined();
    const revision = await saved(store, stateOf(id), undefined);
    await saved(store, stateOf(id, 2), revision);
    expect((await store.load(id))?.state.triggerCount).toBe(2);
    await store.delete(id);
  });

  it.each(MINIMAL.split(' ').filter((rule) => rule.startsWith('+') && rule !== '+info'))(
    'says so when %s is missing',
    async (rule) => {
      const rules = MINIMAL.split(' ').filter((one) => one !== rule);
      await using store = await storeOf('lacking', rules.join(' '));
      await admin.script('FLUSH');
      const id = newJobId();
      const work = async () => {
        await saved(store, stateOf(id), undefined);
        await store.delete(id);
      };
      const error = await work().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ERR_STORE_DENIED', kind: 'denied' });
      expect(String(error)).toContain(`'${rule.slice(1)}'`);
    },
  );

  it('names the keys when they are not allowed', async () => {
    await using store = await storeOf('elsewhere', MINIMAL.replaceAll('~scheduler:', '~other:'));
    await expect(store.load(newJobId())).rejects.toMatchObject({
      code: 'ERR_STORE_DENIED',
      message: expect.stringContaining('~scheduler:valkey:job-state:* ~scheduler:job-state:*'),
    });
  });

  it('refuses one job of many whose key is not allowed', async () => {
    const allowed = MINIMAL.replace('~scheduler:valkey:job-state:*', '~scheduler:valkey:job-state:mine-*');
    await using store = await storeOf('partly', allowed);
    const ids = ['mine-1', 'theirs', 'mine-2', 'mine-3'];
    const revisions = await Promise.all(ids.map((id) => store.save(stateOf(id), undefined).catch(() => 0)));
    expect(revisions).toMatchObject([{ status: 'saved' }, 0, { status: 'saved' }, { status: 'saved' }]);
    const outcomes = ids.map((id, index) =>
      store.save(stateOf(id, 2), (revisions[index] as { revision?: string }).revision).then(
        ({ status }) => status,
        ({ code }: { code: string }) => code,
      ),
    );
    expect(await Promise.all(outcomes)).toEqual(['saved', 'ERR_STORE_DENIED', 'saved', 'saved']);
  });

  it('fails at once with a wrong password, without showing it', async () => {
    await using store = await storeOf('minimal', MINIMAL, 'not-a-secret-word');
    for (let call = 0; call < 3; call += 1) {
      const error: unknown = await store.load(newJobId()).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ERR_STORE_DENIED' });
      expect(`${inspect(error, { depth: 9, showHidden: true })}${(error as Error).stack}`).not.toContain(
        'secret',
      );
    }
    expect(inspect(store, { depth: 9, showHidden: true })).not.toContain('secret');
  });

  it('shows nothing of a client that it was given, whose errors hold the arguments', async () => {
    await storeOf('minimal', MINIMAL);
    const client = new Redis({
      port: server.port,
      username: 'minimal',
      password: 'not-a-secret-word',
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    const store = new ValkeyStateStore({ client });
    const error: unknown = await store.load(newJobId()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_STORE_DENIED' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret');
    expect(inspect(store, { depth: 9, showHidden: true })).not.toContain('secret');
    client.disconnect();
  });

  it('refuses a database that does not exist', async () => {
    await using store = new ValkeyStateStore({ url: `${server.url}/99` });
    await expect(store.load(newJobId())).rejects.toMatchObject({ code: 'ERR_STORE_DENIED' });
    await expect(store.load(newJobId())).rejects.toMatchObject({ code: 'ERR_STORE_DENIED' });
  });
});
