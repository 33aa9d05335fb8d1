import { type JobState, type Revision, type StateStore } from '@cloudiful-scheduler/core';
import {
  type Fault,
  FaultyProxy,
  isSkipped,
  ownServer,
  TestServer,
} from '@cloudiful-scheduler/valkey-testing';
import { Redis } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ValkeyStateStore } from '../src/index.js';
import { newJobId, saved, stateOf } from './states.js';

const TIMEOUT_MS = 300;
const PATIENCE = { timeout: 10_000, interval: 20 };
/** How late a busy machine may be. */
const SLACK_MS = 3_000;
const flavour = ownServer();

const faults: readonly (readonly [Fault, isCarriedOut: boolean])[] = [
  [{ kind: 'refuse' }, false],
  [{ kind: 'reset' }, false],
  [{ kind: 'stall' }, false],
  [{ kind: 'half_close' }, true],
  [{ kind: 'drop_reply' }, true],
  [{ kind: 'cut_reply' }, true],
  [{ kind: 'delay', ms: 10 * TIMEOUT_MS }, true],
];

interface Command {
  readonly name: string;
  readonly send: (store: StateStore, state: JobState, revision: Revision) => Promise<unknown>;
  /** The number of triggers in the record afterwards, if the command is carried out. */
  readonly leaves: number | undefined;
}

const commands: readonly Command[] = [
  { name: 'load', send: (store, { jobId }) => store.load(jobId), leaves: 1 },
  { name: 'save', send: (store, { jobId }, revision) => store.save(stateOf(jobId, 2), revision), leaves: 2 },
  { name: 'delete', send: (store, { jobId }) => store.delete(jobId), leaves: undefined },
];

describe.skipIf(isSkipped(flavour))('a store behind a faulty network', () => {
  let server: TestServer;
  let direct: ValkeyStateStore;

  beforeAll(async () => {
    server = await TestServer.start({ program: flavour.name });
    direct = new ValkeyStateStore({ url: server.url }, { keyPrefix: 'p:' });
  });

  afterAll(async () => {
    await direct.close();
    await server.stop();
  });

  describe.each(['its own connection', 'a client that it was given'])('with %s', (kind) => {
    async function behindProxy(): Promise<{
      proxy: FaultyProxy;
      store: ValkeyStateStore;
      end: () => Promise<void>;
    }> {
      const proxy = await FaultyProxy.start(server.port);
      const options = { keyPrefix: 'p:', commandTimeoutMs: TIMEOUT_MS };
      const client =
        kind === 'its own connection' ? undefined : new Redis(proxy.url, { socketTimeout: TIMEOUT_MS });
      client?.on('error', () => {});
      const store = new ValkeyStateStore(client ? { client } : { url: proxy.url }, options);
      const end = async () => {
        await store.close();
        client?.disconnect();
        await proxy.stop();
      };
      return { proxy, store, end };
    }

    const table = commands.flatMap((command) =>
      faults.map(([fault, isCarriedOut]) => ({ ...command, fault, isCarriedOut })),
    );

    it.concurrent.for(table)(
      '$name fails in time when the network does this: $fault.kind',
      async ({ send, leaves, fault, isCarriedOut }) => {
        const { proxy, store, end } = await behindProxy();
        const state = stateOf(newJobId());
        const revision = await saved(store, state, undefined);
        await proxy.set(fault);
        const begun = performance.now();
        await expect(send(store, state, revision)).rejects.toMatchObject({ kind: 'connection' });
        expect(performance.now() - begun).toBeLessThan(TIMEOUT_MS + SLACK_MS);
        const expected = isCarriedOut ? leaves : 1;
        await vi.waitFor(
          async () => expect((await direct.load(state.jobId))?.state.triggerCount).toBe(expected),
          PATIENCE,
        );
        await proxy.set({ kind: 'none' });
        await vi.waitFor(
          async () => expect(await store.load('other').catch(() => 'failed')).toBeUndefined(),
          PATIENCE,
        );
        await end();
      },
    );

    it.concurrent('fails in time when nobody answers from the start, and works when somebody does', async () => {
      const { proxy, store, end } = await behindProxy();
      for (const fault of [{ kind: 'stall' }, { kind: 'refuse' }] as const) {
        await proxy.set(fault);
        const begun = performance.now();
        await expect(store.load('job')).rejects.toMatchObject({ kind: 'connection' });
        expect(performance.now() - begun).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      }
      await proxy.set({ kind: 'none' });
      await vi.waitFor(
        async () => expect(await store.load('other').catch(() => 'failed')).toBeUndefined(),
        PATIENCE,
      );
      await end();
    });

    it.concurrent('works over a slow network', async () => {
      const { proxy, store, end } = await behindProxy();
      await store.load('other');
      await proxy.set({ kind: 'delay', ms: TIMEOUT_MS / 6 });
      const id = newJobId();
      const revision = await saved(store, stateOf(id), undefined);
      expect(await store.load(id)).toMatchObject({ revision });
      await end();
    });

    it.concurrent('keeps apart what many callers wait for when the network fails', async () => {
      const { proxy, store, end } = await behindProxy();
      const ids = Array.from({ length: 30 }, newJobId);
      await Promise.all(ids.map((id, index) => saved(store, stateOf(id, index), undefined)));
      await proxy.set({ kind: 'drop_reply' });
      const failed = await Promise.allSettled(ids.map((id) => store.load(id)));
      expect(failed.every(({ status }) => status === 'rejected')).toBe(true);
      await proxy.set({ kind: 'none' });
      await vi.waitFor(
        async () => expect(await store.load('other').catch(() => 'failed')).toBeUndefined(),
        PATIENCE,
      );
      const loaded = await Promise.all(ids.map((id) => store.load(id)));
      expect(loaded.map((one) => one?.state.triggerCount)).toEqual(ids.map((_, index) => index));
      await end();
    });
  });

  it.concurrent('sends nothing later that its caller has given up on', async () => {
    await using proxy = await FaultyProxy.start(server.port);
    await using store = new ValkeyStateStore(
      { url: proxy.url },
      { keyPrefix: 'p:', commandTimeoutMs: TIMEOUT_MS },
    );
    const id = newJobId();
    const revision = await saved(store, stateOf(id), undefined);
    await proxy.set({ kind: 'refuse' });
    await Promise.allSettled(Array.from({ length: 5 }, () => store.save(stateOf(id, 2), revision)));
    await proxy.set({ kind: 'none' });
    await vi.waitFor(
      async () => expect(await store.load('other').catch(() => 'failed')).toBeUndefined(),
      PATIENCE,
    );
    expect((await store.load(id))?.state.triggerCount).toBe(1);
  });
});
