import { encodeJobState } from '../codec/job-state-codec.js';
import type { JobState } from '../job-state.js';
import type { Revision, SaveResult, StoredJobState } from '../state-store.js';
import { PackedState } from './packed-state.js';

/** What is known of one job's record. */
export interface MirrorEntry {
  /** `undefined` once the job was deleted here while the primary was away. */
  readonly state: JobState | undefined;
  /** The revision that callers know this state by. */
  readonly revision: Revision;
  /** The revision at the primary that the state is based on; `undefined` for none. */
  readonly base: Revision | undefined;
  /** Whether the state has to be written back. */
  readonly dirty: boolean;
  /** A write to the primary whose answer was lost: it may have been applied. */
  readonly unconfirmed: JobState | undefined;
}

/** The last states of all jobs, kept in this process while a primary store is away. */
export class Mirror {
  readonly #entries = new Map<string, MirrorEntry>();
  readonly #revisionPrefix: string;
  #revisions = 0;

  /** @param id - Tells revisions of this mirror from all others. */
  constructor(id: string) {
    this.#revisionPrefix = `mirror:${id}:`;
  }

  get(jobId: string): MirrorEntry | undefined {
    return this.#entries.get(jobId);
  }

  get jobIds(): string[] {
    return [...this.#entries.keys()];
  }

  /** The jobs whose state has to be written back. */
  get dirtyJobIds(): string[] {
    return this.jobIds.filter((jobId) => this.#entries.get(jobId)?.dirty);
  }

  /** The record as a caller sees it. */
  read(jobId: string): StoredJobState | undefined {
    const entry = this.#entries.get(jobId);
    return entry?.state === undefined
      ? undefined
      : { state: copyState(entry.state), revision: entry.revision };
  }

  /** Remembers what the primary holds. */
  remember(jobId: string, { state, revision }: StoredJobState): void {
    const mirrored = copyState(state);
    this.#entries.set(jobId, {
      state: mirrored,
      revision,
      base: revision,
      dirty: false,
      unconfirmed: undefined,
    });
  }

  forget(jobId: string): void {
    this.#entries.delete(jobId);
  }

  /** Compare-and-set on the mirror itself. */
  write(state: JobState, expected: Revision | undefined, unconfirmed: JobState | undefined): SaveResult {
    const entry = this.#entries.get(state.jobId);
    const current = entry?.state === undefined ? undefined : entry.revision;
    if (current !== expected) return { status: 'conflict' };
    const revision = this.#nextRevision();
    this.#entries.set(state.jobId, {
      state: copyState(state),
      revision,
      base: entry?.base,
      dirty: true,
      unconfirmed: unconfirmed ?? entry?.unconfirmed,
    });
    return { status: 'saved', revision };
  }

  remove(jobId: string): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) return;
    const revision = this.#nextRevision();
    this.#entries.set(jobId, { ...entry, state: undefined, revision, dirty: true });
  }

  /** Notes that the primary holds `written` as `base`; what was changed since stays to be written. */
  confirm(jobId: string, written: MirrorEntry, base: Revision): void {
    const entry = this.#entries.get(jobId);
    if (entry === undefined) return;
    this.#entries.set(jobId, {
      ...entry,
      base,
      dirty: entry.revision !== written.revision,
      unconfirmed: undefined,
    });
  }

  /** Bases a state on another revision of the primary, to be written onto that. */
  rebase(jobId: string, base: Revision | undefined): void {
    const entry = this.#entries.get(jobId);
    if (entry !== undefined) this.#entries.set(jobId, { ...entry, base, unconfirmed: undefined });
  }

  noteUnconfirmed(jobId: string, unconfirmed: JobState): void {
    const entry = this.#entries.get(jobId);
    if (entry !== undefined) this.#entries.set(jobId, { ...entry, unconfirmed });
  }

  /**
   * The primary's revision for one that a caller names. `known: false` when the caller names a state of
   * the mirror that is no longer the current one.
   */
  translate(jobId: string, expected: Revision | undefined): { known: boolean; base: Revision | undefined } {
    if (typeof expected !== 'string' || !expected.startsWith(this.#revisionPrefix))
      return { known: true, base: expected };
    const entry = this.#entries.get(jobId);
    return { known: entry?.revision === expected, base: entry?.base };
  }

  #nextRevision(): Revision {
    this.#revisions += 1;
    return `${this.#revisionPrefix}${this.#revisions}`;
  }
}

/** Whether two states say the same. */
export function isSameState(a: JobState, b: JobState): boolean {
  return encodeJobState(a) === encodeJobState(b);
}

/** Whether `a` has gone further than `b`. */
export function isFurtherAhead(a: JobState, b: JobState): boolean {
  if (a.triggerCount !== b.triggerCount) return a.triggerCount > b.triggerCount;
  return (a.lastScheduledAt?.getTime() ?? 0) > (b.lastScheduledAt?.getTime() ?? 0);
}

function copyState(state: JobState): JobState {
  return new PackedState(state).get();
}
