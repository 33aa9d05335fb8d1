import type { JobState, Revision, StateStore, StoredJobState } from '@cloudiful-scheduler/core';
import { type ConformanceCase, ConformanceError, expectSame, expectThat } from './conformance-case.js';

/** What the cases need to know of a store. */
export interface StateStoreConformanceOptions<Store extends StateStore = StateStore> {
  /** A store without records. Called once per case. */
  readonly create: () => Store | Promise<Store>;
  /**
   * Another store object on the same records, as a second process would open it. Given: the layers
   * `shared` and `durable` are checked as well.
   */
  readonly open?: ((first: Store) => Store | Promise<Store>) | undefined;
  /** Clears up after a case. */
  readonly dispose?: ((store: Store) => void | Promise<void>) | undefined;
}

const AT = Date.parse('2026-03-01T09:30:00.123Z');

const FULL_STATE: JobState = {
  jobId: 'job',
  triggerCount: 7,
  lastRunAt: new Date(AT + 1),
  lastSuccessAt: new Date(AT + 2),
  nextRunAt: new Date(AT + 3),
  lastError: 'Zeile 1\nline 2 "quoted" \\ 你好 🚀',
  lastScheduledAt: new Date(AT),
  paused: true,
  inFlight: [
    { scheduledAt: new Date(AT), catchUp: true, triggerCount: 6, attempt: 2, owner: 'b', handedBack: true },
    { scheduledAt: new Date(AT - 1), catchUp: false, triggerCount: 7, attempt: 1, owner: 'a', manual: true },
  ],
  scheduleFingerprint: 'interval 5 ms',
};

const ODD_IDS: readonly string[] = [
  'a:b',
  'a/b',
  '../job',
  'a b',
  'a\nb',
  'a\u0000b',
  '{a}',
  'A',
  'a',
  'é',
  'e\u0301',
  '🚀',
  '\ud83d',
  '\ude80',
  '\ufffd',
  'x'.repeat(10_000),
  `${'x'.repeat(9_999)}y`,
];

/**
 * The promises of a {@link StateStore}, in layers: `records` (what is written is read), `compare_and_set`,
 * `isolation`, `deletion`; with `open` also `shared` and `durable`.
 *
 * @example
 * ```ts
 * describe('my store', () => {
 *   for (const { layer, name, run } of stateStoreConformance({ create: () => new MyStore() })) {
 *     it(`${layer}: ${name}`, run);
 *   }
 * });
 * ```
 */
export function stateStoreConformance<Store extends StateStore>(
  options: StateStoreConformanceOptions<Store>,
): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  const add = (layer: string, name: string, check: (store: Store) => Promise<void>): void => {
    const run = async (): Promise<void> => {
      const store = await options.create();
      try {
        await check(store);
      } finally {
        await options.dispose?.(store);
      }
    };
    cases.push({ layer, name, run });
  };
  addRecordCases(add);
  addCompareAndSetCases(add);
  addIsolationCases(add);
  addDeletionCases(add);
  const { open } = options;
  if (open !== undefined) {
    const withSecond = (
      layer: string,
      name: string,
      check: (first: StateStore, second: StateStore) => Promise<void>,
    ) =>
      add(layer, name, async (first) => {
        const second = await open(first);
        try {
          await check(first, second);
        } finally {
          await options.dispose?.(second);
        }
      });
    addSharedCases(withSecond);
  }
  return cases;
}

type Add = (layer: string, name: string, check: (store: StateStore) => Promise<void>) => void;

function addRecordCases(add: Add): void {
  add('records', 'says whether it is shared', async (store) => {
    expectThat(typeof store.shared === 'boolean', '`shared` must be true or false');
  });
  add('records', 'has no record of a job that was never saved', async (store) => {
    expectSame('load', await store.load('job'), undefined);
  });
  add('records', 'reads back every field as it was written', async (store) => {
    await saved(store, FULL_STATE, undefined);
    expectState(await loaded(store, 'job'), FULL_STATE);
  });
  add('records', 'reads back absent fields as absent', async (store) => {
    await saved(store, stateOf(0), undefined);
    expectState(await loaded(store, 'job'), stateOf(0));
  });
  add('records', 'forgets fields that a later state does not have', async (store) => {
    const revision = await saved(store, FULL_STATE, undefined);
    await saved(store, stateOf(8), revision);
    expectState(await loaded(store, 'job'), stateOf(8));
  });
  add('records', 'gives the revision of a save to those who load', async (store) => {
    const revision = await saved(store, stateOf(1), undefined);
    const stored = await loaded(store, 'job');
    expectSame('revision', stored.revision, revision);
    await saved(store, stateOf(2), stored.revision);
  });
  add('records', 'keeps jobs apart whose ids look alike', async (store) => {
    for (const [index, jobId] of ODD_IDS.entries()) await saved(store, stateOf(index, jobId), undefined);
    for (const [index, jobId] of ODD_IDS.entries()) {
      expectState(await loaded(store, jobId), stateOf(index, jobId));
    }
  });
}

function addCompareAndSetCases(add: Add): void {
  const layer = 'compare_and_set';
  add(layer, 'refuses to create what exists', async (store) => {
    await saved(store, stateOf(1), undefined);
    await refused(store, stateOf(2), undefined);
    expectState(await loaded(store, 'job'), stateOf(1));
  });
  add(layer, 'refuses to change what does not exist', async (store) => {
    const revision = await saved(store, stateOf(1, 'other'), undefined);
    await refused(store, stateOf(2), revision);
    expectSame('load', await store.load('job'), undefined);
  });
  add(layer, 'refuses an old revision and leaves the record as it is', async (store) => {
    const first = await saved(store, stateOf(1), undefined);
    const second = await saved(store, stateOf(2), first);
    await refused(store, stateOf(9), first);
    const stored = await loaded(store, 'job');
    expectState(stored, stateOf(2));
    expectSame('revision', stored.revision, second);
  });
  add(layer, 'gives each write a revision of its own, also when nothing changed', async (store) => {
    const revisions: Revision[] = [];
    for (let count = 0; count < 20; count += 1)
      revisions.push(await saved(store, stateOf(1), revisions.at(-1)));
    expectSame('revisions that differ', new Set(revisions).size, 20);
    for (const old of revisions.slice(0, -1)) await refused(store, stateOf(9), old);
  });
  add(layer, 'lets exactly one of many concurrent writers win', async (store) => {
    let revision: Revision | undefined;
    for (let round = 1; round <= 10; round += 1) {
      const expected = revision;
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => store.save(stateOf(round), expected)),
      );
      const winners = answers.filter((answer) => answer.status === 'saved');
      expectSame('writers that won', winners.length, 1);
      revision = winners[0]?.revision;
    }
  });
  add(layer, 'counts to a hundred with writers that retry', async (store) => {
    await countTogether([store, store, store, store], 25);
  });
}

function addIsolationCases(add: Add): void {
  add('isolation', 'is not changed by changing what was saved or loaded', async (store) => {
    const state = { ...stateOf(1), nextRunAt: new Date(AT), inFlight: [...FULL_STATE.inFlight] };
    await saved(store, state, undefined);
    state.nextRunAt.setTime(0);
    state.inFlight.length = 0;
    const stored = await loaded(store, 'job');
    expectState(stored, { ...state, nextRunAt: new Date(AT), inFlight: FULL_STATE.inFlight });
    stored.state.nextRunAt?.setTime(0);
    stored.state.inFlight[0]?.scheduledAt.setTime(0);
    expectState(await loaded(store, 'job'), {
      ...state,
      nextRunAt: new Date(AT),
      inFlight: FULL_STATE.inFlight,
    });
  });
  add('isolation', 'changes no other job', async (store) => {
    const revision = await saved(store, stateOf(1, 'a'), undefined);
    await saved(store, stateOf(5, 'b'), undefined);
    await saved(store, stateOf(2, 'a'), revision);
    await store.delete('a');
    expectState(await loaded(store, 'b'), stateOf(5, 'b'));
  });
}

function addDeletionCases(add: Add): void {
  add('deletion', 'removes a record, and may be repeated', async (store) => {
    await saved(store, stateOf(1), undefined);
    await store.delete('job');
    await store.delete('job');
    expectSame('load', await store.load('job'), undefined);
    await store.delete('never saved');
  });
  add('deletion', 'makes the revision of before useless', async (store) => {
    const before = await saved(store, stateOf(1), undefined);
    await store.delete('job');
    await refused(store, stateOf(2), before);
    expectSame('load', await store.load('job'), undefined);
  });
  add('deletion', 'never gives a revision of before to a record that is created anew', async (store) => {
    const old: Revision[] = [];
    for (let round = 0; round < 3; round += 1) {
      old.push(await saved(store, stateOf(1), undefined));
      old.push(await saved(store, stateOf(2), old.at(-1)));
      await store.delete('job');
    }
    await saved(store, stateOf(1), undefined);
    for (const revision of old) await refused(store, stateOf(9), revision);
    expectState(await loaded(store, 'job'), stateOf(1));
  });
}

function addSharedCases(
  add: (layer: string, name: string, check: (first: StateStore, second: StateStore) => Promise<void>) => void,
): void {
  add('shared', 'says that it is shared', async (first, second) => {
    expectSame('shared', [first.shared, second.shared], [true, true]);
  });
  add('shared', 'shows each what the other wrote, and refuses what it did not see', async (first, second) => {
    const one = await saved(first, stateOf(1), undefined);
    const seen = await loaded(second, 'job');
    expectState(seen, stateOf(1));
    await saved(second, stateOf(2), seen.revision);
    await refused(first, stateOf(9), one);
    expectState(await loaded(first, 'job'), stateOf(2));
    await second.delete('job');
    expectSame('load', await first.load('job'), undefined);
  });
  add('shared', 'counts to a hundred with writers on both sides', async (first, second) => {
    await countTogether([first, second, first, second], 25);
  });
  add('durable', 'has the record when it is opened again', async (first, second) => {
    await saved(first, FULL_STATE, undefined);
    expectState(await loaded(second, 'job'), FULL_STATE);
  });
}

/** Each writer adds one `times` times, starting again whenever it meets a conflict: no update is lost. */
async function countTogether(stores: readonly StateStore[], times: number): Promise<void> {
  const add = async (store: StateStore): Promise<void> => {
    for (let done = 0, tries = 0; done < times; tries += 1) {
      expectThat(tries < 10_000, 'a writer meets conflicts without end');
      const stored = await store.load('job');
      const next = stateOf((stored?.state.triggerCount ?? 0) + 1);
      if ((await store.save(next, stored?.revision)).status === 'saved') done += 1;
    }
  };
  await Promise.all(stores.map(add));
  const total = (await loaded(stores[0] as StateStore, 'job')).state.triggerCount;
  expectSame('sum of all writers', total, stores.length * times);
}

function stateOf(triggerCount: number, jobId = 'job'): JobState {
  return { jobId, triggerCount, paused: false, inFlight: [] };
}

async function saved(store: StateStore, state: JobState, expected: Revision | undefined): Promise<Revision> {
  const answer = await store.save(state, expected);
  if (answer.status !== 'saved') {
    throw new ConformanceError('a save that names the current revision must be saved, received a conflict');
  }
  expectThat(answer.revision !== undefined, 'a save must answer with a revision');
  return answer.revision;
}

async function refused(store: StateStore, state: JobState, expected: Revision | undefined): Promise<void> {
  const { status } = await store.save(state, expected);
  expectSame('save with a revision that is not the current one', status, 'conflict');
}

async function loaded(store: StateStore, jobId: string): Promise<StoredJobState> {
  const stored = await store.load(jobId);
  if (stored === undefined) throw new ConformanceError('a record that was saved must be found');
  return stored;
}

/** Compares what a state says; how absent fields are written does not matter. */
function expectState({ state }: StoredJobState, expected: JobState): void {
  for (const field of ['lastRunAt', 'lastSuccessAt', 'nextRunAt', 'lastScheduledAt'] as const) {
    const value = state[field];
    expectThat(value === undefined || value instanceof Date, `${field} must be a Date or undefined`);
  }
  expectSame('state', normal(state), normal(expected));
}

function normal(state: JobState): unknown[] {
  const { jobId, triggerCount, lastRunAt, lastSuccessAt, nextRunAt, lastError, lastScheduledAt, paused } =
    state;
  return [
    Array.from(jobId)
      .map((letter) => letter.codePointAt(0))
      .join(' '),
    triggerCount,
    lastRunAt,
    lastSuccessAt,
    nextRunAt,
    lastError,
    lastScheduledAt,
    paused,
    state.inFlight.map((run) => [
      run.scheduledAt,
      run.catchUp,
      run.triggerCount,
      run.attempt,
      run.owner,
      run.manual === true,
    ]),
    state.scheduleFingerprint,
  ];
}
