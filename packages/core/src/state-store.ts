import type { JobState } from './job-state.js';

/** Names one version of a stored record. Opaque to the engine, which only hands it back. */
export type Revision = string | number;

/** A state as it was read, with the revision to name in the next {@link StateStore.save}. */
export interface StoredJobState {
  /** The state as it was written. */
  readonly state: JobState;
  /** Names this version of the record. */
  readonly revision: Revision;
}

/** What became of a {@link StateStore.save}. */
export type SaveResult =
  | { readonly status: 'saved'; readonly revision: Revision }
  | { readonly status: 'conflict' };

/** What a store reports of its own health. */
export interface StoreEvent {
  /** What happened to the store. */
  readonly type: 'degraded' | 'recovering' | 'recovered' | 'recovery_failed' | 'conflict';
  /** The job that the event concerns; absent when it concerns the store as a whole. */
  readonly jobId?: string | undefined;
  /** What went wrong, where something did. */
  readonly error?: unknown;
}

/**
 * Keeps one versioned record per job. Compare-and-set is the one primitive that a store must offer; the
 * protocol over it is the engine's. Failures are thrown (rejected); errors with `kind: 'data'` or
 * `kind: 'denied'` end the job, all others are retried.
 *
 * The conformance cases of `@cloudiful-scheduler/testkit` check an implementation.
 */
export interface StateStore {
  /** Whether other engines may use the same records. In-memory: false; file, Valkey: true. */
  readonly shared: boolean;
  /** Reads the record of a job; `undefined` when there is none. */
  load(jobId: string): Promise<StoredJobState | undefined>;
  /**
   * Compare-and-set: writes only if the stored revision is still `expected`; `undefined` means that no
   * record may exist yet.
   */
  save(state: JobState, expected: Revision | undefined): Promise<SaveResult>;
  /** Removes the record of a job; does nothing when there is none. */
  delete(jobId: string): Promise<void>;
  /**
   * Reports health events to `listener` until the returned function is called. A store that is degraded by then says so
   * at once.
   */
  subscribe?(listener: (event: StoreEvent) => void): () => void;
}
