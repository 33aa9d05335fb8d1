import {
  decodeJobState,
  encodeJobState,
  type JobState,
  type Revision,
  type SaveResult,
  type StateStore,
  type StoredJobState,
} from '@cloudiful-scheduler/core';

/** A right store on a map that others may share, of which each broken one changes one thing. */
export class MapStore implements StateStore {
  readonly shared: boolean = true;
  protected revisions = 0;

  constructor(readonly records = new Map<string, { text: string; revision: Revision }>()) {}

  async load(jobId: string): Promise<StoredJobState | undefined> {
    const record = this.records.get(this.keyOf(jobId));
    return record === undefined ? undefined : { state: this.decode(record.text), revision: record.revision };
  }

  async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
    if (this.records.get(this.keyOf(state.jobId))?.revision !== expected) return { status: 'conflict' };
    return this.write(state);
  }

  async delete(jobId: string): Promise<void> {
    this.records.delete(this.keyOf(jobId));
  }

  protected write(state: JobState): SaveResult {
    const revision = this.nextRevision(state);
    this.records.set(this.keyOf(state.jobId), { text: encodeJobState(state), revision });
    return { status: 'saved', revision };
  }

  protected nextRevision(_state: JobState): Revision {
    this.revisions += 1;
    return `${this.revisions} ${Math.random()}`;
  }

  protected keyOf(jobId: string): string {
    return jobId;
  }

  protected decode(text: string): JobState {
    return decodeJobState(text);
  }
}

/** What is wrong with each, and a store that has it. */
export const BROKEN_STORES: Readonly<Record<string, new () => StateStore>> = {
  'ignores the expected revision': class extends MapStore {
    override async save(state: JobState): Promise<SaveResult> {
      return this.write(state);
    }
  },
  'overwrites what exists when nothing is expected': class extends MapStore {
    override save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
      return expected === undefined ? Promise.resolve(this.write(state)) : super.save(state, expected);
    }
  },
  'creates what was expected to exist': class extends MapStore {
    override save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
      return this.records.has(state.jobId) ? super.save(state, expected) : Promise.resolve(this.write(state));
    }
  },
  'looks and writes in two steps': class extends MapStore {
    override async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
      const current = this.records.get(state.jobId)?.revision;
      await Promise.resolve();
      return current === expected ? this.write(state) : { status: 'conflict' };
    }
  },
  'writes although it reports a conflict': class extends MapStore {
    override async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
      const answer = await super.save(state, expected);
      if (answer.status === 'conflict' && this.records.has(state.jobId)) this.write(state);
      return answer;
    }
  },
  'takes the content for the revision': class extends MapStore {
    override nextRevision(state: JobState): Revision {
      return encodeJobState(state);
    }
  },
  'counts revisions from one again after a deletion': class extends MapStore {
    override nextRevision(state: JobState): Revision {
      return Number(this.records.get(state.jobId)?.revision ?? 0) + 1;
    }
  },
  'answers a save with the revision of before': class extends MapStore {
    override async save(state: JobState, expected: Revision | undefined): Promise<SaveResult> {
      const answer = await super.save(state, expected);
      return answer.status === 'saved' ? { ...answer, revision: expected ?? 0 } : answer;
    }
  },
  'does not delete': class extends MapStore {
    override async delete(): Promise<void> {}
  },
  'fails to delete what is not there': class extends MapStore {
    override async delete(jobId: string): Promise<void> {
      if (!this.records.delete(jobId)) throw new Error('not found');
    }
  },
  'deletes everything': class extends MapStore {
    override async delete(): Promise<void> {
      this.records.clear();
    }
  },
  'keeps seconds only': class extends MapStore {
    override decode(text: string): JobState {
      return decodeJobState(text.replace(/\.\d{3}Z/g, '.000Z'));
    }
  },
  'forgets what is in flight': class extends MapStore {
    override decode(text: string): JobState {
      return { ...decodeJobState(text), inFlight: [] };
    }
  },
  'sorts what is in flight': class extends MapStore {
    override decode(text: string): JobState {
      const state = decodeJobState(text);
      const inFlight = [...state.inFlight].sort((a, b) => a.scheduledAt.getTime() - b.scheduledAt.getTime());
      return { ...state, inFlight };
    }
  },
  'forgets the pause': class extends MapStore {
    override decode(text: string): JobState {
      return { ...decodeJobState(text), paused: false };
    }
  },
  'gives back times as text': class extends MapStore {
    override decode(text: string): JobState {
      return JSON.parse(JSON.stringify(decodeJobState(text))) as JobState;
    }
  },
  'merges a state into the one before': class extends MapStore {
    override write(state: JobState): SaveResult {
      const before = this.records.get(state.jobId);
      const merged = before === undefined ? state : { ...decodeJobState(before.text), ...state };
      return super.write(merged);
    }
  },
  'gives out its own objects': class extends MapStore {
    readonly #states = new Map<string, JobState>();

    override write(state: JobState): SaveResult {
      this.#states.set(state.jobId, state);
      return super.write(state);
    }

    override async load(jobId: string): Promise<StoredJobState | undefined> {
      const record = this.records.get(jobId);
      const state = this.#states.get(jobId);
      return record === undefined || state === undefined ? undefined : { state, revision: record.revision };
    }
  },
  'does not tell upper from lower case': class extends MapStore {
    override keyOf(jobId: string): string {
      return jobId.toLowerCase();
    }
  },
  'replaces what a file name may not hold': class extends MapStore {
    override keyOf(jobId: string): string {
      return jobId.replace(/[^\w]/g, '_');
    }
  },
  'cuts long ids': class extends MapStore {
    override keyOf(jobId: string): string {
      return jobId.slice(0, 255);
    }
  },
  'turns ids into UTF-8': class extends MapStore {
    override keyOf(jobId: string): string {
      return new TextDecoder().decode(new TextEncoder().encode(jobId));
    }
  },
  'normalises ids': class extends MapStore {
    override keyOf(jobId: string): string {
      return jobId.normalize();
    }
  },
};

/** Broken only for two that share the records. */
export const BROKEN_SHARED_STORES: Readonly<Record<string, (first: MapStore) => StateStore>> = {
  'has records of its own': () => new MapStore(),
  'keeps what it once read': (first) => {
    const read = new Map<string, StoredJobState | undefined>();
    return Object.assign(new MapStore(first.records), {
      async load(jobId: string) {
        if (!read.has(jobId)) read.set(jobId, await first.load(jobId));
        return read.get(jobId);
      },
    });
  },
  'does not say that it is shared': (first) => Object.assign(new MapStore(first.records), { shared: false }),
};
