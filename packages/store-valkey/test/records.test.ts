import { describeOnEachServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ValkeyStateStore } from '../src/index.js';
import { newJobId, saved, stateOf } from './states.js';

const PREFIX = 'scheduler:valkey:job-state:';
const LEGACY = 'scheduler:job-state:';
/** What the Rust crate writes, by a plain SET. */
function rustRecord(jobId: string, triggerCount: number): string {
  return `{"job_id":${JSON.stringify(jobId)},"trigger_count":${triggerCount},"last_run_at":"2026-04-03T01:02:00.123456789Z","last_success_at":null,"next_run_at":"2026-04-03T01:02:10Z","last_error":"integration"}`;
}

describeOnEachServer('records', ({ program }) => {
  let server: TestServer | undefined;
  let client: Redis;
  let store: ValkeyStateStore;

  beforeAll(async () => {
    server = program === undefined ? undefined : await TestServer.start({ program });
    client = new Redis(server?.url ?? (process.env['VALKEY_URL'] as string));
    store = new ValkeyStateStore({ client });
  });

  afterAll(async () => {
    client.disconnect();
    await server?.stop();
  });

  it('saves, loads and deletes', async () => {
    const id = newJobId();
    expect(await store.load(id)).toBeUndefined();
    const state = { ...stateOf(id), lastError: 'é 😀 "\\', lastRunAt: new Date(5), paused: true };
    const revision = await saved(store, state, undefined);
    expect(await store.load(id)).toEqual({ state: expect.objectContaining(state), revision });
    await store.delete(id);
    await store.delete(id);
    expect(await store.load(id)).toBeUndefined();
  });

  it('writes only onto the revision that was expected', async () => {
    const id = newJobId();
    const first = await saved(store, stateOf(id, 1), undefined);
    expect(await store.save(stateOf(id, 9), undefined)).toEqual({ status: 'conflict' });
    const second = await saved(store, stateOf(id, 2), first);
    expect(await store.save(stateOf(id, 9), first)).toEqual({ status: 'conflict' });
    const third = await saved(store, stateOf(id, 1), second);
    expect(third).not.toBe(first);
    expect(await store.save(stateOf(id, 9), first)).toEqual({ status: 'conflict' });
    await store.delete(id);
    expect(await store.save(stateOf(id, 9), third)).toEqual({ status: 'conflict' });
    await saved(store, stateOf(id, 1), undefined);
    expect(await store.save(stateOf(id, 9), third)).toEqual({ status: 'conflict' });
    expect((await store.load(id))?.state.triggerCount).toBe(1);
  });

  it('lets each of many that are saved at once come to its own end', async () => {
    const ids = Array.from({ length: 200 }, () => newJobId());
    const revisions = await Promise.all(ids.map((id, index) => saved(store, stateOf(id, index), undefined)));
    const broken = ids[70] as string;
    await client.del(PREFIX + broken);
    await client.rpush(PREFIX + broken, 'not a record');
    const outcomes = await Promise.all(
      ids.map(async (id, index) => {
        const expected = index === 7 ? 'another revision' : revisions[index];
        return store.save(stateOf(id, 1_000 + index), expected).then(
          ({ status }) => status,
          ({ code }: { code: string }) => code,
        );
      }),
    );
    expect(outcomes.splice(70, 1)).toEqual(['ERR_STATE_CORRUPT']);
    expect(outcomes.splice(7, 1)).toEqual(['conflict']);
    expect(new Set(outcomes)).toEqual(new Set(['saved']));
    const found = await Promise.all(ids.filter((id) => id !== broken).map((id) => store.load(id)));
    expect(found.map((stored) => stored?.state.triggerCount)).toEqual(
      ids.flatMap((_, index) => (index === 70 ? [] : [index === 7 ? 7 : 1_000 + index])),
    );
  });

  it('lets one of many win', async () => {
    const id = newJobId();
    const save = (expected: string | number | undefined) =>
      Promise.all(Array.from({ length: 40 }, (_, index) => store.save(stateOf(id, index), expected)));
    const first = (await save(undefined)).filter(({ status }) => status === 'saved');
    expect(first).toHaveLength(1);
    const { revision } = (await store.load(id)) ?? {};
    expect((await save(revision)).filter(({ status }) => status === 'saved')).toHaveLength(1);
  });

  it('goes on from a record of the Rust crate, and sees what that writes', async () => {
    const id = newJobId();
    await client.set(PREFIX + id, rustRecord(id, 7));
    const loaded = await store.load(id);
    expect(loaded?.state).toMatchObject({
      triggerCount: 7,
      lastRunAt: new Date('2026-04-03T01:02:00.123Z'),
      lastError: 'integration',
    });
    const revision = await saved(store, stateOf(id, 8), loaded?.revision);
    expect(JSON.parse((await client.get(PREFIX + id)) as string)).toMatchObject({
      job_id: id,
      trigger_count: 8,
      next_run_at: '2026-04-03T01:02:03.004Z',
    });
    await client.set(PREFIX + id, rustRecord(id, 9));
    expect(await store.save(stateOf(id, 9), revision)).toEqual({ status: 'conflict' });
    expect((await store.load(id))?.state.triggerCount).toBe(9);
  });

  it('goes on from a record under the legacy prefix, once', async () => {
    const id = newJobId();
    await client.set(LEGACY + id, rustRecord(id, 7));
    expect(await store.save(stateOf(id), undefined)).toEqual({ status: 'conflict' });
    const loaded = await store.load(id);
    expect(loaded?.state.triggerCount).toBe(7);
    await client.set(LEGACY + id, rustRecord(id, 8));
    expect(await store.save(stateOf(id, 9), loaded?.revision)).toEqual({ status: 'conflict' });
    const again = await store.load(id);
    const outcomes = await Promise.all(
      [9, 10, 11].map((count) => store.save(stateOf(id, count), again?.revision)),
    );
    expect(outcomes.filter(({ status }) => status === 'saved')).toHaveLength(1);
    expect((await store.load(id))?.state.triggerCount).toBeGreaterThan(8);
    await store.delete(id);
    expect(await client.exists(LEGACY + id, PREFIX + id)).toBe(0);
  });

  it('leaves the legacy prefix alone under a prefix of its own', async () => {
    const id = newJobId();
    const own = new ValkeyStateStore({ client }, { keyPrefix: 'own:' });
    await client.set(LEGACY + id, rustRecord(id, 7));
    expect(await own.load(id)).toBeUndefined();
    await saved(own, stateOf(id), undefined);
    expect(await client.exists(`own:${id}`)).toBe(1);
    await own.delete(id);
    expect(await client.exists(LEGACY + id)).toBe(1);
  });

  it('keeps odd ids apart, under the keys that the Rust crate would use', async () => {
    const ids = [
      'a:b',
      'a',
      '{}',
      '{',
      '}',
      '{a}',
      'a b',
      'a\nb',
      '\0',
      '😀',
      '\ud800',
      '\udc00',
      '\ufffd',
      '\ud83d',
      '%d800',
      'é',
      'e\u0301',
      'x'.repeat(10_000),
    ];
    await Promise.all(ids.map((id, index) => saved(store, stateOf(id, index), undefined)));
    for (const [index, id] of ids.entries()) {
      expect((await store.load(id))?.state).toMatchObject({ jobId: id, triggerCount: index });
      if (!/\p{Surrogate}/u.test(id)) expect(await client.exists(PREFIX + id)).toBe(1);
    }
    await Promise.all(ids.map((id) => store.delete(id)));
    for (const id of ids) expect(await store.load(id)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a cut record', '{"job_id":"x","trigger_co'],
    ['a foreign value', '42'],
    ['bytes', Buffer.from([0xff, 0xfe, 0])],
    ['another job', rustRecord('another', 1)],
    ['a newer format', '{"job_id":"x","trigger_count":1,"format_version":99}'],
    ['a huge value', 'x'.repeat(8_000_000)],
  ])('fails on %s and leaves it', async (_, value) => {
    const id = newJobId();
    await client.set(PREFIX + id, value);
    const before = await client.getBuffer(PREFIX + id);
    await expect(store.load(id)).rejects.toMatchObject({ name: 'StateDataError', kind: 'data' });
    expect(await store.save(stateOf(id), undefined)).toEqual({ status: 'conflict' });
    expect(await store.save(stateOf(id), 'other')).toEqual({ status: 'conflict' });
    expect((await client.getBuffer(PREFIX + id))?.equals(before as Buffer)).toBe(true);
  });

  it('fails on a key of another type and leaves it', async () => {
    const id = newJobId();
    await client.rpush(PREFIX + id, 'list');
    const corrupt = { code: 'ERR_STATE_CORRUPT', kind: 'data' };
    await expect(store.load(id)).rejects.toMatchObject(corrupt);
    await expect(store.save(stateOf(id), undefined)).rejects.toMatchObject(corrupt);
    expect(await client.lrange(PREFIX + id, 0, -1)).toEqual(['list']);
  });

  it('saves and loads a state of a megabyte', async () => {
    const id = newJobId();
    const state = { ...stateOf(id), lastError: '😀'.repeat(250_000) };
    const revision = await saved(store, state, undefined);
    expect((await store.load(id))?.state.lastError).toBe(state.lastError);
    await saved(store, stateOf(id), revision);
  });

  it('survives a flush of the scripts', async () => {
    const id = newJobId();
    await client.script('FLUSH');
    const revision = await saved(store, stateOf(id), undefined);
    await client.script('FLUSH');
    await saved(store, stateOf(id), revision);
  });

  it('does not close the client that it was given', async () => {
    const borrowing = new ValkeyStateStore({ client });
    await borrowing.close();
    await expect(borrowing.load('job')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(await client.ping()).toBe('PONG');
  });
});
