import {
  decodeJobState,
  encodeJobState,
  type JobState,
  type SaveResult,
  type StateStore,
  type StoredJobState,
} from '@cloudiful-scheduler/core';

/** Stands for a table of a database: `job_id` is its key, `version` grows with each change. */
export class Table {
  readonly rows = new Map<
    string,
    { readonly record: string; readonly version: number }
  >();
  lastVersion = 0;
}

export class MyStore implements StateStore {
  readonly shared = true; // other processes may use the same table

  constructor(readonly table = new Table()) {}

  async load(jobId: string): Promise<StoredJobState | undefined> {
    const row = this.table.rows.get(jobId);
    if (row === undefined) return undefined;
    return { state: decodeJobState(row.record, jobId), revision: row.version };
  }

  async save(
    state: JobState,
    expected: number | undefined,
  ): Promise<SaveResult> {
    // In SQL: one INSERT (expected is undefined) or one UPDATE … WHERE version = :expected.
    if (this.table.rows.get(state.jobId)?.version !== expected)
      return { status: 'conflict' };
    this.table.lastVersion += 1; // never given twice, not even after a deletion
    const revision = this.table.lastVersion;
    this.table.rows.set(state.jobId, {
      record: encodeJobState(state),
      version: revision,
    });
    return { status: 'saved', revision };
  }

  async delete(jobId: string): Promise<void> {
    this.table.rows.delete(jobId);
  }

  async close(): Promise<void> {}
}
