import { checkOptionNames } from '../options.js';
import type { JobState } from '../job-state.js';
import type { Revision, SaveResult, StateStore, StoredJobState } from '../state-store.js';

/** Options of {@link InMemoryStateStore}. */
export interface InMemoryStateStoreOptions {
  /** Whether several engines of this process share the store. Default false. */
  readonly shared?: boolean | undefined;
}

/** Keeps states in this process; they end with it. */
export class InMemoryStateStore implements StateStore {
  readonly shared: boolean;
  readonly #records = new Map<string, StoredJobState>();
  #revisions = 0;

  constructor(options: InMemoryStateStoreOptions = {}) {
    checkOptionNames('inMemoryStateStore', options, ['shared']);
    this.shared = options.shared ?? false;
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

function copyOf(state: JobState): JobState {
  return structuredClone(state);
}
