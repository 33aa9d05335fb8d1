import { describeOnEachServer, TestServer } from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ValkeyExecutionGuard } from '../src/index.js';
import { acquired, newSlot, newToken } from './slots.js';

describeOnEachServer('leases', ({ program }) => {
  let server: TestServer | undefined;
  let client: Redis;
  let guard: ValkeyExecutionGuard;

  beforeAll(async () => {
    server = program === undefined ? undefined : await TestServer.start({ program });
    client = new Redis(server?.url ?? (process.env['VALKEY_URL'] as string));
    guard = new ValkeyExecutionGuard({ client });
  });

  afterAll(async () => {
    client.disconnect();
    await server?.stop();
  });

  it('gives an occurrence to one token at a time', async () => {
    const slot = newSlot();
    const lease = await acquired(guard, slot);
    expect(lease).toMatchObject({ slot, ttlMs: 30_000, renewEveryMs: 10_000 });
    expect(await guard.acquire(slot, newToken())).toEqual({ status: 'contended' });
    expect(await guard.acquire({ ...slot, scheduledAt: new Date(0) }, newToken())).toMatchObject({
      status: 'acquired',
    });
    expect(await guard.release(lease, 'abandoned')).toBe('released');
    expect(await guard.acquire(slot, newToken())).toMatchObject({ status: 'acquired' });
  });

  it('answers each of many that are asked for at once', async () => {
    const resource = newSlot({ scope: 'resource' });
    const slots = [
      ...Array.from({ length: 100 }, () => newSlot()),
      ...Array.from({ length: 5 }, () => resource),
      newSlot({ resourceId: resource.resourceId }),
    ];
    const answers = await Promise.all(slots.map((slot) => guard.acquire(slot, newToken())));
    expect(answers.slice(0, 101).map(({ status }) => status)).toEqual(Array(101).fill('acquired'));
    expect(answers.slice(101).map(({ status }) => status)).toEqual(Array(5).fill('contended'));
    const leases = answers.flatMap((answer) => (answer.status === 'acquired' ? [answer.lease] : []));
    expect(leases.map(({ slot }) => slot)).toEqual(slots.slice(0, 101));
    await client.del(leases[3]?.key as string);
    const expected = leases.map((_, index) => (index === 3 ? 'lost' : 'renewed'));
    expect(await Promise.all(leases.map((lease) => guard.renew(lease)))).toEqual(expected);
    expect(await Promise.all(leases.map((lease) => guard.release(lease, 'completed')))).toEqual(
      expected.map((answer) => (answer === 'lost' ? 'lost' : 'released')),
    );
    const again = await Promise.all(slots.slice(0, 100).map((slot) => guard.acquire(slot, newToken())));
    expect(again.map(({ status }) => status)).toEqual(
      expected.slice(0, 100).map((answer) => (answer === 'lost' ? 'acquired' : 'completed')),
    );
  });

  it('gives the same token the same lease with its time renewed', async () => {
    const short = new ValkeyExecutionGuard({ client }, { ttlMs: 5_000, renewEveryMs: 10 });
    const slot = newSlot();
    const lease = await acquired(short, slot, 'token');
    await client.pexpire(lease.key, 1_000);
    expect(await acquired(short, slot, 'token')).toEqual(lease);
    expect(await client.pttl(lease.key)).toBeGreaterThan(1_000);
  });

  it('renews a lease, until it is no longer the token’s', async () => {
    const slot = newSlot();
    const lease = await acquired(guard, slot);
    await client.pexpire(lease.key, 1_000);
    expect(await guard.renew(lease)).toBe('renewed');
    expect(await client.pttl(lease.key)).toBeGreaterThan(1_000);
    await client.del(lease.key);
    expect(await guard.renew(lease)).toBe('lost');
    await acquired(guard, slot);
    expect(await guard.renew(lease)).toBe('lost');
    expect(await guard.release(lease, 'completed')).toBe('lost');
    expect(await guard.acquire(slot, newToken())).toEqual({ status: 'contended' });
  });

  it('frees a lease that runs out, with a higher fencing token', async () => {
    const short = new ValkeyExecutionGuard({ client }, { ttlMs: 50, renewEveryMs: 10 });
    for (const scope of ['occurrence', 'resource'] as const) {
      const slot = newSlot({ scope });
      const lease = await acquired(short, slot);
      await expect.poll(async () => (await short.acquire(slot, 'next')).status).toBe('acquired');
      expect((await acquired(short, slot, 'next')).fencingToken).toBeGreaterThan(lease.fencingToken);
      expect(await short.release(lease, 'completed')).toBe('lost');
    }
  });

  it('remembers a completed occurrence, and answers a repeated release', async () => {
    const brief = new ValkeyExecutionGuard({ client }, { completedTtlMs: 50 });
    for (const scope of ['occurrence', 'resource'] as const) {
      const slot = newSlot({ scope });
      const lease = await acquired(guard, slot, 'token');
      expect(await guard.release(lease, 'completed')).toBe('released');
      expect(await guard.release(lease, 'completed')).toBe('released');
      expect(await guard.acquire(slot, 'token')).toEqual({ status: 'completed' });
      expect(await guard.acquire(slot, newToken())).toEqual({ status: 'completed' });
      const next = { ...slot, scheduledAt: new Date(slot.scheduledAt.getTime() + 1) };
      expect(await brief.release(await acquired(brief, next), 'completed')).toBe('released');
      expect((await brief.acquire(next, newToken())).status).toBe('completed');
      await expect.poll(async () => (await brief.acquire(next, 'next')).status).toBe('acquired');
    }
  });

  it('leaves no done marker with completedTtlMs 0', async () => {
    const forgetful = new ValkeyExecutionGuard({ client }, { completedTtlMs: 0 });
    const slot = newSlot();
    const lease = await acquired(forgetful, slot);
    expect(await forgetful.release(lease, 'completed')).toBe('released');
    expect(await forgetful.release(lease, 'completed')).toBe('lost');
    expect(await forgetful.acquire(slot, newToken())).toMatchObject({ status: 'acquired' });
  });

  it('lets a resource and its occurrences exclude each other', async () => {
    const first = newSlot();
    const second = newSlot({ resourceId: first.resourceId });
    const whole = newSlot({ resourceId: first.resourceId, scope: 'resource' });
    const leases = [await acquired(guard, first), await acquired(guard, second)];
    for (const lease of leases) {
      expect(await guard.acquire(whole, newToken())).toEqual({ status: 'contended' });
      expect(await guard.renew(lease)).toBe('renewed');
      expect(await guard.release(lease, 'abandoned')).toBe('released');
    }
    const lease = await acquired(guard, whole);
    expect(await guard.acquire(first, newToken())).toEqual({ status: 'contended' });
    expect(await guard.acquire({ ...whole, jobId: 'other' }, newToken())).toEqual({ status: 'contended' });
    expect(await guard.acquire({ ...whole, resourceId: 'other' }, newToken())).toMatchObject({
      status: 'acquired',
    });
    expect(await guard.release(lease, 'abandoned')).toBe('released');
    expect(await guard.acquire(first, newToken())).toMatchObject({ status: 'acquired' });
  });

  it('keeps a resource closed while a renewed occurrence outlives another that ran out', async () => {
    const long = new ValkeyExecutionGuard({ client }, { ttlMs: 60_000 });
    const short = new ValkeyExecutionGuard({ client }, { ttlMs: 40, renewEveryMs: 10 });
    const first = newSlot();
    const whole = { ...first, scope: 'resource' } as const;
    const kept = await acquired(long, first);
    const brief = await acquired(short, newSlot({ resourceId: first.resourceId }));
    await expect.poll(() => client.exists(brief.key)).toBe(0);
    expect(await guard.acquire(whole, newToken())).toEqual({ status: 'contended' });
    expect(await long.renew(kept)).toBe('renewed');
    expect(await guard.acquire(whole, newToken())).toEqual({ status: 'contended' });
    await long.release(kept, 'completed');
    expect(await guard.acquire({ ...whole, scheduledAt: new Date(1) }, newToken())).toMatchObject({
      status: 'acquired',
    });
  });

  it('gives fencing tokens that only grow, also when the server has lost its data', async () => {
    const slot = newSlot();
    let last = 0;
    for (let round = 0; round < 50; round += 1) {
      const lease = await acquired(guard, slot);
      expect(lease.fencingToken).toBeGreaterThan(last);
      last = lease.fencingToken;
      await guard.release(lease, 'abandoned');
      if (round === 25) await client.del(...(await client.keys(`*${slot.jobId}*`)));
    }
    expect(Number.isSafeInteger(last)).toBe(true);
  });

  it('leaves nothing behind that does not expire', async () => {
    const slot = newSlot();
    await guard.release(await acquired(guard, slot), 'completed');
    await acquired(guard, { ...slot, scheduledAt: new Date(0) });
    const keys = await client.keys(`*{${slot.resourceId}}*`);
    expect(keys).toHaveLength(4);
    for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0);
  });

  it('keeps odd ids apart', async () => {
    const ids = [
      'a:b',
      'a',
      'b',
      '{}',
      '{',
      '}',
      '{a}',
      'a b',
      'a\nb',
      '😀',
      '\ud800',
      '\udc00',
      '\ufffd',
      '%007b',
      'x'.repeat(10_000),
    ];
    const slots = ids.flatMap((id) => [
      newSlot({ jobId: id, resourceId: 'shared' }),
      newSlot({ jobId: 'shared', resourceId: id }),
    ]);
    const leases = await Promise.all(slots.map((slot) => acquired(guard, slot)));
    for (const lease of leases) expect(await guard.renew(lease)).toBe('renewed');
    for (const lease of leases) expect(await guard.release(lease, 'abandoned')).toBe('released');
  });

  it('survives a flush of the scripts', async () => {
    const slot = newSlot();
    await client.script('FLUSH');
    const lease = await acquired(guard, slot);
    await client.script('FLUSH');
    expect(await guard.renew(lease)).toBe('renewed');
    await client.script('FLUSH');
    expect(await guard.release(lease, 'completed')).toBe('released');
  });

  it('lets one of many win', async () => {
    const slot = newSlot();
    const answers = await Promise.all(Array.from({ length: 50 }, () => guard.acquire(slot, newToken())));
    expect(answers.filter(({ status }) => status === 'acquired')).toHaveLength(1);
    const whole = newSlot({ scope: 'resource' });
    const mixed = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        guard.acquire(index % 2 ? whole : { ...whole, scope: 'occurrence' }, newToken()),
      ),
    );
    expect(mixed.filter(({ status }) => status === 'acquired')).toHaveLength(1);
  });

  it('reports a key that holds something else, and leaves it', async () => {
    const slot = newSlot();
    const lease = await acquired(guard, slot);
    await client.del(lease.key);
    await client.rpush(lease.key, 'list');
    const corrupt = expect.objectContaining({ code: 'ERR_GUARD_CORRUPT', kind: 'data' });
    await expect(guard.acquire(slot, newToken())).rejects.toEqual(corrupt);
    await expect(guard.renew(lease)).rejects.toEqual(corrupt);
    await expect(guard.release(lease, 'completed')).rejects.toEqual(corrupt);
    expect(await client.lrange(lease.key, 0, -1)).toEqual(['list']);
    await client.set(lease.key, 'text');
    await expect(guard.acquire(slot, newToken())).rejects.toEqual(corrupt);
    expect(await client.get(lease.key)).toBe('text');
  });

  it('does not close the client that it was given', async () => {
    const borrowing = new ValkeyExecutionGuard({ client });
    await borrowing.close();
    await expect(borrowing.acquire(newSlot(), newToken())).rejects.toMatchObject({
      code: 'ERR_GUARD_UNAVAILABLE',
    });
    expect(await client.ping()).toBe('PONG');
  });
});
