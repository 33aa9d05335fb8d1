import { randomBytes } from 'node:crypto';
import { type Revision, StoreError } from '@cloudiful-scheduler/core';
import { jobKey, revisionFileName } from './file-name.js';
import { formatRevisionFile, LINEAGE_LENGTH, parseRevisionFile, type RevisionFile } from './revision-file.js';
import type { StateDirectory } from './state-directory.js';

/** A file as it was read. */
export interface FoundFile {
  readonly number: number;
  readonly text: string;
}

/** The newest file, and the numbers of files that serve no purpose any more. */
export interface NewestFile extends FoundFile {
  readonly litter: readonly number[];
}

/** What a new revision is to follow; `number` is 0 and `text` absent when it is to be the first. */
export interface Base {
  readonly number: number;
  readonly text: string | undefined;
  /** The nonces of this revision and of those before it. */
  readonly lineage: readonly string[];
}

const FIRST: Base = { number: 0, text: undefined, lineage: [] };

/** How often a reader begins anew because writers are faster. */
const ATTEMPTS = 100;

/**
 * The revisions of one job. Numbers go up by one and never come back; the highest is the record. Revision
 * n-1 is removed before n+1 is made, so a file that is there vouches for all after it: none of them was
 * made and removed already.
 */
export class RevisionChain {
  readonly #files: StateDirectory;
  readonly #jobId: string;
  readonly #key: string;

  constructor(files: StateDirectory, jobId: string) {
    this.#files = files;
    this.#jobId = jobId;
    this.#key = jobKey(jobId);
  }

  /** The newest revision, a deletion included; `undefined` when there never was one. */
  async newest(): Promise<NewestFile | undefined> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      // A large directory is not read in one piece: a single look may miss a file that takes another's place.
      const numbers = (await this.#listed()) ?? (await this.#listed());
      if (numbers === undefined) return undefined;
      const number = numbers.at(-1) as number;
      const text = await this.#files.read(this.#name(number));
      if (text === undefined) continue;
      // Removed since the look, its number may have been taken by a process that stood still.
      if ((await this.#listed())?.at(-1) !== number) continue;
      return { number, text, litter: numbers.filter((old) => old < number - 1) };
    }
    throw new StoreError('ERR_STORE_UNAVAILABLE', 'The state files change faster than they can be read');
  }

  /** @throws StateDataError for a file that cannot be used. */
  parse({ number, text }: FoundFile): RevisionFile {
    return parseRevisionFile(text, this.#name(number), { key: this.#key, number, jobId: this.#jobId });
  }

  /** Removes what processes that died or stood still left behind. */
  async tidy({ litter }: NewestFile): Promise<void> {
    // A reader need not be allowed to.
    for (const number of litter) await this.remove(number).catch(() => {});
  }

  /** What the first revision of a record is to follow; `undefined` when there is a record. */
  async vacancy(): Promise<Base | undefined> {
    const newest = await this.newest();
    if (newest === undefined) return FIRST;
    const file = this.parse(newest);
    return file.record === null ? baseOf(newest, file) : undefined;
  }

  /** What a deletion is to follow, readable or not; `undefined` when there is no record. */
  endOf(newest: FoundFile): Base | undefined {
    try {
      const file = this.parse(newest);
      return file.record === null ? undefined : baseOf(newest, file);
    } catch {
      return { number: newest.number, text: newest.text, lineage: [] };
    }
  }

  /** The revision that a caller knows; `undefined` when it is not there any more. */
  async known(revision: Revision): Promise<Base | undefined> {
    const [, number, nonce] = /^([1-9]\d{0,14})\.([\w-]+)$/.exec(String(revision)) ?? [];
    if (number === undefined) return undefined;
    const text = await this.#files.read(this.#name(Number(number)));
    if (text === undefined) return undefined;
    const found = { number: Number(number), text };
    const file = this.parse(found);
    return file.nonce === nonce ? baseOf(found, file) : undefined;
  }

  /**
   * Makes the revision after `base`, provided that `base` is the newest. `vanished` means that the directory
   * is not there.
   */
  async append(base: Base, record: string | null): Promise<RevisionFile | 'conflict' | 'vanished'> {
    const file: RevisionFile = {
      key: this.#key,
      number: base.number + 1,
      nonce: randomBytes(12).toString('base64url'),
      lineage: base.lineage.slice(0, LINEAGE_LENGTH),
      record,
    };
    if (base.number > 1) await this.remove(base.number - 1);
    const outcome = await this.#files.publish(this.#key, this.#name(file.number), formatRevisionFile(file));
    if (outcome === 'taken') return 'conflict';
    if (outcome === 'vanished') return outcome;
    if (await this.#follows(file)) return file;
    await this.remove(file.number);
    return 'conflict';
  }

  async remove(number: number): Promise<void> {
    await this.#files.remove(this.#name(number));
  }

  /**
   * Whether a file that was just made is a revision. It is not if its number had been used and removed
   * while this process stood still.
   */
  async #follows(file: RevisionFile): Promise<boolean> {
    const found = await this.newest();
    if (found === undefined || found.number < file.number) return false;
    const newest = this.parse(found);
    const known = [newest.nonce, ...newest.lineage];
    const age = newest.number - file.number;
    if (age >= known.length && age < newest.number) {
      throw new StoreError(
        'ERR_STORE_UNAVAILABLE',
        'Others went on too far meanwhile to tell whether the state was saved',
      );
    }
    return known[age] === file.nonce;
  }

  async #listed(): Promise<readonly number[] | undefined> {
    return (await this.#files.list()).get(this.#key);
  }

  #name(number: number): string {
    return revisionFileName(this.#key, number);
  }
}

/** What callers name a revision by. */
export function revisionOf({ number, nonce }: RevisionFile): string {
  return `${number}.${nonce}`;
}

function baseOf({ number, text }: FoundFile, { nonce, lineage }: RevisionFile): Base {
  return { number, text, lineage: [nonce, ...lineage] };
}
