import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Coalesced } from './coalesced.js';
import { isTemporaryFileName, parseRevisionFileName, temporaryFileName } from './file-name.js';
import { Gate } from './gate.js';

/** A temporary file this old was left by a process that died. Taken from a live one, it only makes that begin anew. */
const LITTER_AGE_MS = 60_000;

/** Files open at a time. The thread pool of node has four threads, and the application wants some too. */
const PARALLEL_FILES = 3;

/** The numbers of the revisions of each job, ascending, by the key of the job. */
export type Listing = ReadonlyMap<string, readonly number[]>;

/** The few things that the store does to its directory. */
export class StateDirectory {
  readonly #path: string;
  readonly #gate = new Gate(PARALLEL_FILES);
  readonly #listing = new Coalesced(() => this.#list());
  readonly #syncing = new Coalesced(() => syncDirectory(this.#path));

  constructor(path: string) {
    this.#path = path;
  }

  /** What is there, not older than the call; empty when the directory does not exist. */
  list(): Promise<Listing> {
    return this.#listing.run();
  }

  /** The text of a file; `undefined` when there is none. */
  read(name: string): Promise<string | undefined> {
    return this.#gate.run(() => unlessMissing(readFile(join(this.#path, name), 'utf8')));
  }

  /** Removes a file; nothing when there is none. */
  async remove(name: string): Promise<void> {
    await unlessMissing(unlink(join(this.#path, name)));
  }

  /** Makes the directory where it does not exist. */
  make(): Promise<void> {
    return makeDirectory(this.#path);
  }

  /**
   * Brings a whole file into being under a name that is not taken yet, and on to the disk. `vanished`
   * means that the directory does not exist or was cleared under our hands, and nothing was done.
   */
  async publish(key: string, name: string, text: string): Promise<'published' | 'taken' | 'vanished'> {
    const temporary = join(this.#path, temporaryFileName(key, randomBytes(12).toString('base64url')));
    try {
      await this.#gate.run(() => writeDurably(temporary, text));
      await link(temporary, join(this.#path, name));
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return 'taken';
      if (isMissing(error)) return 'vanished';
      throw error;
    } finally {
      // What cannot be removed now is litter, to be swept later; the outcome stands.
      await unlink(temporary).catch(() => {});
    }
    await this.#syncing.run();
    return 'published';
  }

  async #list(): Promise<Listing> {
    const listing = new Map<string, number[]>();
    const temporary: string[] = [];
    for (const name of (await unlessMissing(readdir(this.#path))) ?? []) {
      const file = parseRevisionFileName(name);
      if (file === undefined) {
        if (isTemporaryFileName(name)) temporary.push(name);
        continue;
      }
      const numbers = listing.get(file.key);
      if (numbers === undefined) listing.set(file.key, [file.number]);
      else numbers.push(file.number);
    }
    for (const numbers of listing.values()) numbers.sort((a, b) => a - b);
    for (const name of temporary) await this.#sweep(join(this.#path, name));
    return listing;
  }

  async #sweep(path: string): Promise<void> {
    try {
      if (Date.now() - (await stat(path)).mtimeMs > LITTER_AGE_MS) await unlink(path);
    } catch {
      // Gone, or not ours to remove: litter is harmless.
    }
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a directory, and makes it last: each that is new is an entry in its parent. */
async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    await syncDirectory(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

/** Not every platform can do this with a directory; where it cannot, the file system has to be trusted. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await directory.close();
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
