import { InvalidOptionError } from '../errors.js';
import type { JobState } from '../job-state.js';
import { checkOptionNames } from '../options.js';
import type { Revision, SaveResult, StateStore, StoredJobState } from '../state-store.js';

/** Options of {@link InMemoryStateStore}. */
export interface InMemoryStateStoreOptions {
  /** Whether several engines of this process share the store. Default false. */
  readonly shared?: boolean | undefined;
}

/**
 * Keeps states in this process; they end with it. The default store of a scheduler, and a stand-in for
 * a shared one in tests.
 *
 * @throws InvalidOptionError for an option that is not allowed.
 * @example
 * ```ts
 * const store = new InMemoryStateStore({ shared: true });
 * const instances = [new Scheduler({ store }), new Scheduler({ store })];
 * ```
 */
export class InMemoryStateStore implements StateStore {
  readonly shared: boolean;
  readonly #records = new Map<string, StoredJobState>();
  #revisions = 0;

  constructor(options: InMemoryStateStoreOptions = {}) {
    checkOptionNames('inMemoryStateStore', options, ['shared']);
    const { shared = false } = options;
    if (typeof shared !== 'boolean') throw new InvalidOptionError('inMemoryStateStore.shared', shared, 'true or false');
    this.shared = shared;
  }

  async load(jobId: string): Promise<StoredJobState | undefined> {
    const record = this.#records.get(jobId);
    return record === undefined ? undefined : { state: copyOf(record.state), revision: record.revision };
  }

  async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
    if (this.#records.get(state.jobId)?.revision !== expected) return { status: 'conflict' };
    this.#revisions += 1;
    this.#records.set(state.jobId, { state: copyOf(state), revision: this.#revisions });
    return { status: 'saved', revision: this.#revisions };
  }

  async delete(jobId: string): Promise<void> {
    this.#records.delete(jobId);
  }
}

const NO_RUNS: JobState['inFlight'] = Object.freeze([]);

/** A copy that shares nothing which a caller could change. */
function copyOf(state: JobState): JobState {
  const { lastRunAt, lastSuccessAt, nextRunAt, lastScheduledAt, inFlight } = state;
  return {
    ...state,
    lastRunAt: lastRunAt && new Date(lastRunAt),
    lastSuccessAt: lastSuccessAt && new Date(lastSuccessAt),
    nextRunAt: nextRunAt && new Date(nextRunAt),
    lastScheduledAt: lastScheduledAt && new Date(lastScheduledAt),
    inFlight:
      inFlight.length === 0 ? NO_RUNS : inFlight.map((run) => ({ ...run, scheduledAt: new Date(run.scheduledAt) })),
  };
}
