import { ManualClock } from '@cloudiful-scheduler/testkit';
import { describe, expect, it } from 'vitest';
import { FaultyStore } from '../../test/fixtures.js';
import { StateDataError, StoreError } from '../errors.js';
import type { JobState } from '../job-state.js';
import type { Revision, StoredJobState, StoreEvent } from '../state-store.js';
import { InMemoryStateStore } from './in-memory-state-store.js';
import { ResilientStateStore, type ResilientStateStoreOptions } from './resilient-state-store.js';

const PROBE_MS = 1_000;

/** A primary that can be taken away, and the resilient store around it. */
class Setup {
  readonly clock = new ManualClock();
  readonly primary = new FaultyStore({ shared: true });
  readonly events: string[] = [];
  readonly store: ResilientStateStore;

  constructor(options: ResilientStateStoreOptions = { recovery: { probeEveryMs: PROBE_MS } }) {
    this.store = new ResilientStateStore(this.primary, { clock: this.clock, ...options });
    this.store.subscribe(({ type, jobId }) =>
      this.events.push(jobId === undefined ? type : `${type} ${jobId}`),
    );
  }

  goAway(fault: 'fail' | 'hang' | 'lose_reply' = 'fail'): void {
    this.primary.fault = () => fault;
  }

  async comeBack(): Promise<void> {
    this.primary.fault = () => undefined;
    await this.clock.advance(PROBE_MS);
  }

  async save(triggerCount: number, expected: Revision | undefined, jobId = 'job'): Promise<Revision> {
    const answer = await this.store.save(stateOf(triggerCount, jobId), expected);
    if (answer.status !== 'saved') throw new Error('expected it to be saved');
    return answer.revision;
  }

  async stored(jobId = 'job'): Promise<number | undefined> {
    return (await this.primary.inner.load(jobId))?.state.triggerCount;
  }

  /** Another instance writes to the primary. */
  async another(triggerCount: number): Promise<void> {
    const stored = await this.primary.inner.load('job');
    await this.primary.inner.save(stateOf(triggerCount), stored?.revision);
  }
}

function stateOf(triggerCount: number, jobId = 'job'): JobState {
  return { jobId, triggerCount, paused: false, inFlight: [] };
}

describe('ResilientStateStore', () => {
  it('is the primary while that answers', async () => {
    const { store, primary, events } = new Setup();
    expect(store.shared).toBe(true);
    expect(await store.load('job')).toBeUndefined();
    const first = await store.save(stateOf(1), undefined);
    expect(first).toEqual({ status: 'saved', revision: (await primary.inner.load('job'))?.revision });
    expect(await store.save(stateOf(2), undefined)).toEqual({ status: 'conflict' });
    await store.delete('job');
    expect(await primary.inner.load('job')).toBeUndefined();
    expect(events).toEqual([]);
  });

  it('goes on from the mirror for good', async () => {
    const setup = new Setup({});
    let revision = await setup.save(1, undefined);
    setup.goAway();
    revision = await setup.save(2, revision);
    expect(setup.events).toEqual(['degraded']);
    expect(setup.store.degraded).toBe(true);
    setup.primary.fault = () => undefined;
    await setup.clock.advance(3_600_000);
    expect(await setup.store.load('job')).toEqual({ state: stateOf(2), revision });
    expect(await setup.store.save(stateOf(3), 'mirror:stale')).toEqual({ status: 'conflict' });
    await setup.save(3, revision);
    expect(await setup.stored()).toBe(1);
    expect(setup.clock.pendingTimers).toBe(0);
  });

  it('writes back what changed, and the revision given meanwhile goes on', async () => {
    const setup = new Setup();
    let revision = await setup.save(1, undefined);
    await setup.save(1, undefined, 'idle');
    setup.goAway();
    revision = await setup.save(2, revision);
    await setup.clock.advance(PROBE_MS);
    expect(setup.events).toEqual(['degraded', 'recovering', 'recovery_failed']);
    revision = await setup.save(3, revision);
    await setup.comeBack();
    expect(setup.events.slice(3)).toEqual(['recovering', 'recovered']);
    expect(await setup.stored()).toBe(3);
    await setup.save(4, revision);
    expect(await setup.stored()).toBe(4);
    expect(await setup.store.save(stateOf(9), revision)).toEqual({ status: 'conflict' });
  });

  it('takes its own write whose answer was lost for no conflict', async () => {
    const setup = new Setup();
    const revision = await setup.save(1, undefined);
    setup.primary.fault = (call) => (call === 'save' ? 'lose_reply' : 'fail');
    const mirrored = await setup.save(2, revision);
    await setup.save(3, mirrored);
    expect(await setup.stored()).toBe(2);
    await setup.comeBack();
    expect(setup.events).toEqual(['degraded', 'recovering', 'recovered']);
    expect(await setup.stored()).toBe(3);
  });

  it('lets the primary stand where another instance is further ahead', async () => {
    const setup = new Setup();
    const revision = await setup.save(1, undefined);
    setup.goAway();
    const mirrored = await setup.save(2, revision);
    await setup.another(7);
    await setup.comeBack();
    expect(setup.events).toEqual(['degraded', 'recovering', 'conflict job', 'recovered']);
    expect(await setup.stored()).toBe(7);
    expect(await setup.store.save(stateOf(3), mirrored)).toEqual({ status: 'conflict' });
    const reloaded = (await setup.store.load('job')) as StoredJobState;
    await setup.save(8, reloaded.revision);
    expect(await setup.stored()).toBe(8);
  });

  it('lets the mirror stand where it is further ahead', async () => {
    const setup = new Setup();
    const revision = await setup.save(1, undefined);
    setup.goAway();
    await setup.save(9, revision);
    await setup.another(2);
    await setup.comeBack();
    expect(setup.events).toEqual(['degraded', 'recovering', 'conflict job', 'recovered']);
    expect(await setup.stored()).toBe(9);
  });

  it('writes onto nothing what the primary has lost', async () => {
    const setup = new Setup();
    const revision = await setup.save(1, undefined);
    setup.goAway();
    await setup.save(2, revision);
    await setup.primary.inner.delete('job');
    await setup.comeBack();
    expect(setup.events).toEqual(['degraded', 'recovering', 'recovered']);
    expect(await setup.stored()).toBe(2);
  });

  it('keeps what is written while it recovers', async () => {
    const setup = new Setup();
    let revision = await setup.save(1, undefined);
    setup.goAway();
    revision = await setup.save(2, revision);
    const save = setup.primary.inner.save.bind(setup.primary.inner);
    setup.primary.inner.save = async (...args) => {
      setup.primary.inner.save = save;
      revision = await setup.save(3, revision);
      return save(...args);
    };
    await setup.comeBack();
    expect(await setup.stored()).toBe(3);
    await setup.save(4, revision);
    expect(setup.events.at(-1)).toBe('recovered');
  });

  it('deletes at the primary what was deleted meanwhile, unless another has written since', async () => {
    for (const [another, left] of [
      [undefined, undefined],
      [5, 5],
    ]) {
      const setup = new Setup();
      await setup.save(1, undefined);
      setup.goAway();
      await setup.store.delete('job');
      expect(await setup.store.load('job')).toBeUndefined();
      if (another !== undefined) await setup.another(another);
      await setup.comeBack();
      expect(await setup.stored()).toBe(left);
      expect(setup.events.includes('conflict job')).toBe(another !== undefined);
      expect(setup.store.degraded).toBe(false);
    }
  });

  it('gives up on a primary that hangs', async () => {
    const setup = new Setup({ commandTimeoutMs: 200 });
    const revision = await setup.save(1, undefined);
    setup.goAway('hang');
    const saved = setup.save(2, revision);
    await setup.clock.advance(200);
    await saved;
    expect(setup.events).toEqual(['degraded']);
  });

  it('starts without the primary only if it may', async () => {
    const strict = new Setup();
    strict.goAway();
    await expect(strict.store.load('job')).rejects.toThrow('connection refused');
    await expect(strict.store.save(stateOf(1), undefined)).rejects.toThrow('connection refused');
    expect(strict.events).toEqual([]);

    const lenient = new Setup({ startDegraded: true, recovery: { probeEveryMs: PROBE_MS } });
    await lenient.another(7);
    lenient.goAway();
    expect(await lenient.store.load('job')).toBeUndefined();
    await lenient.save(1, undefined);
    await lenient.comeBack();
    expect(lenient.events).toEqual(['degraded', 'recovering', 'conflict job', 'recovered']);
    expect(await lenient.stored()).toBe(7);
  });

  it('asks the primary for a job that it has not seen, and fails while that is away', async () => {
    const setup = new Setup();
    const revision = await setup.save(1, undefined);
    setup.goAway();
    await setup.save(2, revision);
    await expect(setup.store.load('other')).rejects.toThrow('connection refused');
    await setup.primary.inner.save(stateOf(4, 'other'), undefined);
    setup.primary.fault = () => undefined;
    expect((await setup.store.load('other'))?.state.triggerCount).toBe(4);
  });

  it.each([new StateDataError('ERR_STATE_CORRUPT', 'corrupt'), new StoreError('ERR_STORE_DENIED', 'denied')])(
    'passes on %s',
    async (error) => {
      const setup = new Setup();
      setup.primary.fault = () => error;
      await expect(setup.store.load('job')).rejects.toBe(error);
      await expect(setup.store.save(stateOf(1), undefined)).rejects.toBe(error);
      expect(setup.store.degraded).toBe(false);
    },
  );

  it('leaves alone a record that it cannot read back, and recovers the others', async () => {
    const setup = new Setup();
    const revision = await setup.save(1, undefined);
    const other = await setup.save(1, undefined, 'other');
    setup.goAway();
    await setup.save(2, revision);
    await setup.save(2, other, 'other');
    const save = setup.primary.inner.save.bind(setup.primary.inner);
    setup.primary.inner.save = async (state, expected) => {
      if (state.jobId === 'job') throw new StateDataError('ERR_STATE_CORRUPT', 'corrupt');
      return save(state, expected);
    };
    await setup.comeBack();
    expect(setup.events.slice(1)).toEqual(['recovering', 'conflict job', 'recovered']);
    expect(await setup.stored('other')).toBe(2);
  });

  it('passes on what the primary reports', () => {
    let report: (event: StoreEvent) => void = () => {};
    const subscribe = (listener: typeof report) => {
      report = listener;
      return () => {};
    };
    const store = new ResilientStateStore(Object.assign(new InMemoryStateStore(), { subscribe }));
    const events: StoreEvent[] = [];
    store.subscribe(() => {
      throw new Error('a listener that throws');
    });
    store.subscribe((event) => events.push(event));
    report({ type: 'conflict', jobId: 'job' });
    expect(events).toEqual([{ type: 'conflict', jobId: 'job' }]);
  });

  it('stops probing when it is closed', async () => {
    const setup = new Setup();
    const revision = await setup.save(1, undefined);
    setup.goAway();
    await setup.save(2, revision);
    await setup.store.close();
    expect(setup.clock.pendingTimers).toBe(0);
  });

  it.each([
    [{ recovery: { probeEveryMs: 0 } }, 'recovery.probeEveryMs'],
    [{ recovery: { every: 5 } as never }, 'recovery.every'],
    [{ startDegraded: 'yes' as never }, 'startDegraded'],
    [{ commandTimeoutMs: Number.NaN }, 'commandTimeoutMs'],
    [{ retries: 3 } as never, 'retries'],
  ])('refuses %j', (options, name) => {
    expect(() => new ResilientStateStore(new InMemoryStateStore(), options)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: `resilientStateStore.${name}` }),
    );
  });
});
