import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobState } from '@cloudiful-scheduler/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobKey, revisionFileName } from './file-name.js';
import { FileStateStore } from './file-state-store.js';

let directory: string;
let store: FileStateStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-file-'));
  store = new FileStateStore(directory);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const stateOf = (triggerCount: number, jobId = 'job'): JobState => ({
  jobId,
  triggerCount,
  paused: false,
  inFlight: [],
});

/** Saves `triggerCount` onto whatever is there. */
async function put(triggerCount: number, jobId = 'job'): Promise<string> {
  const result = await store.save(stateOf(triggerCount, jobId), (await store.load(jobId))?.revision);
  if (result.status !== 'saved') throw new Error('conflict');
  return result.revision as string;
}

const contents = async () =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(directory)).map(
        async (name) => [name, await readFile(join(directory, name), 'hex')] as const,
      ),
    ),
  );

describe('a directory', () => {
  it('is made with its parents when the first state is saved', async () => {
    const nested = new FileStateStore({ directory: join(directory, 'a', 'b') });
    expect(await nested.load('job')).toBeUndefined();
    await nested.delete('job');
    expect(await nested.save(stateOf(1), undefined)).toMatchObject({ status: 'saved' });
    expect((await nested.load('job'))?.state.triggerCount).toBe(1);
  });

  it('is named where it is wrong', () => {
    for (const [options, message] of [
      ['', 'fileStateStore: received ""'],
      ['a\0b', 'fileStateStore: received'],
      [undefined, 'fileStateStore: received undefined'],
      [{}, 'fileStateStore.directory: received undefined'],
      [{ directory: 7 }, 'fileStateStore.directory: received 7'],
      [{ directory: 'a', sync: true }, 'fileStateStore.sync: received true'],
    ] as const) {
      expect(() => new FileStateStore(options as never)).toThrow(`Invalid option ${message}`);
    }
  });

  it('may be cleared away between two calls', async () => {
    const revision = await put(1);
    await rm(directory, { recursive: true });
    expect(await store.load('job')).toBeUndefined();
    expect(await store.save(stateOf(2), revision)).toEqual({ status: 'conflict' });
    expect(await store.save(stateOf(2), undefined)).toMatchObject({ status: 'saved' });
  });

  it('may hold files of others', async () => {
    await writeFile(join(directory, 'README'), 'mine');
    await writeFile(join(directory, `${jobKey('job')}.1.state.bak`), 'mine');
    await mkdir(join(directory, 'sub'));
    await put(1);
    expect((await store.load('job'))?.state.triggerCount).toBe(1);
    expect(await readFile(join(directory, 'README'), 'utf8')).toBe('mine');
  });
});

describe('revisions', () => {
  it('are compared and set', async () => {
    const first = await put(1);
    expect(await store.save(stateOf(9), undefined)).toEqual({ status: 'conflict' });
    const second = await store.save(stateOf(2), first);
    expect(second).toMatchObject({ status: 'saved' });
    expect(await store.save(stateOf(9), first)).toEqual({ status: 'conflict' });
    for (const unknown of [
      '1.AAAAAAAAAAAAAAAA',
      '7.AAAAAAAAAAAAAAAA',
      'nonsense',
      '',
      '../../etc/passwd',
      2,
    ]) {
      expect(await store.save(stateOf(9), unknown)).toEqual({ status: 'conflict' });
    }
    expect((await store.load('job'))?.state.triggerCount).toBe(2);
  });

  it('let one of many at once through', async () => {
    const first = await put(0);
    for (const expected of [first, undefined]) {
      const jobId = expected === undefined ? 'new' : 'job';
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.save(stateOf(i, jobId), expected)),
      );
      expect(results.filter(({ status }) => status === 'saved')).toHaveLength(1);
      expect((await store.load(jobId))?.state.triggerCount).toBe(
        results.findIndex(({ status }) => status === 'saved'),
      );
    }
  });

  it('stay two files per job, and one after a deletion', async () => {
    for (let count = 1; count <= 50; count += 1) {
      await put(count);
      expect((await readdir(directory)).length).toBeLessThanOrEqual(2);
    }
    await store.delete('job');
    expect(await readdir(directory)).toHaveLength(1);
  });

  it('do not come back when a record is deleted and made again', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      for (let count = 0; count < 3; count += 1) seen.add(await put(count));
      await store.delete('job');
      await store.delete('job');
      expect(await store.load('job')).toBeUndefined();
      for (const stale of seen) expect(await store.save(stateOf(9), stale)).toEqual({ status: 'conflict' });
      expect(await store.load('job')).toBeUndefined();
    }
    expect(seen.size).toBe(15);
  });
});

it('keeps apart jobs with any id', async () => {
  const ids = [
    'job',
    'JOB',
    ' job',
    'a:b',
    'a/b',
    '/etc/passwd',
    '..',
    '.',
    '../job',
    'a\0b',
    'CON',
    'x'.repeat(10_240),
  ];
  ids.push(
    '⏰',
    'e\u0301',
    '\u00e9',
    '\ud800',
    '\udfff',
    '\ufffd',
    '\ud800\ud800',
    '__proto__',
    'constructor',
    '"',
    '\n',
    '%2e',
  );
  for (const [index, id] of ids.entries()) await put(index, id);
  const other = new FileStateStore(directory);
  for (const [index, id] of ids.entries()) {
    expect(await other.load(id)).toMatchObject({ state: { jobId: id, triggerCount: index } });
  }
  expect(await readdir(directory)).toHaveLength(ids.length);
  for (const id of ids.filter((_, index) => index % 2 === 0)) await other.delete(id);
  for (const [index, id] of ids.entries()) expect((await store.load(id)) === undefined).toBe(index % 2 === 0);
});

describe('a file that cannot be used', () => {
  let path: string;
  let good: Buffer;
  let revision: string;

  beforeEach(async () => {
    await put(1);
    revision = await put(2);
    path = join(directory, revisionFileName(jobKey('job'), 2));
    good = await readFile(path);
  });

  /** Every call that reads the record fails, and changes nothing. */
  async function expectUntouched(code: string): Promise<void> {
    const before = await contents();
    const failure = expect.objectContaining({ name: 'StateDataError', kind: 'data', code });
    await expect(store.load('job')).rejects.toEqual(failure);
    await expect(store.save(stateOf(9), undefined)).rejects.toEqual(failure);
    await expect(store.save(stateOf(9), revision)).rejects.toEqual(failure);
    expect(await contents()).toEqual(before);
  }

  it('is left as it is when it was cut off anywhere', async () => {
    for (let length = 0; length < good.length; length += 1) {
      await writeFile(path, good.subarray(0, length));
      await expect(store.load('job')).rejects.toMatchObject({ kind: 'data', code: 'ERR_STATE_CORRUPT' });
      expect(await readFile(path)).toEqual(good.subarray(0, length));
    }
    await expectUntouched('ERR_STATE_CORRUPT');
  });

  it('is left as it is when any of its bytes is another', async () => {
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ 0x01;
      await writeFile(path, bad);
      await expect(store.load('job')).rejects.toMatchObject({ kind: 'data' });
      expect(await readFile(path)).toEqual(bad);
    }
    await expectUntouched('ERR_STATE_CORRUPT');
  });

  it.each(['{}', 'null', '\n\n\n', '\0'.repeat(4096), '{"job_id":"job","trigger_count":7}'])(
    'is left as it is when it holds %j',
    async (text) => {
      await writeFile(path, text);
      await expectUntouched('ERR_STATE_CORRUPT');
    },
  );

  it('is left as it is when a newer version wrote it', async () => {
    await writeFile(path, 'cloudiful-scheduler-state 2 in a shape of its own');
    await expectUntouched('ERR_STATE_FORMAT');
  });

  it('is left as it is when it belongs to another job or is another revision', async () => {
    await put(1, 'other');
    await writeFile(path, await readFile(join(directory, revisionFileName(jobKey('other'), 1))));
    await expectUntouched('ERR_STATE_CORRUPT');
    await writeFile(path, await readFile(join(directory, revisionFileName(jobKey('job'), 1))));
    await expectUntouched('ERR_STATE_CORRUPT');
  });

  it('does not cost the others when its number is too high', async () => {
    await writeFile(join(directory, revisionFileName(jobKey('job'), 99)), 'stray');
    const before = await contents();
    await expect(store.load('job')).rejects.toMatchObject({ kind: 'data' });
    expect(await contents()).toEqual(before);
  });

  it('is no trouble for other jobs, and can be deleted', async () => {
    await writeFile(path, 'damaged');
    await put(5, 'other');
    expect((await store.load('other'))?.state.triggerCount).toBe(5);
    await store.delete('job');
    expect(await store.load('job')).toBeUndefined();
    expect(await store.save(stateOf(9), revision)).toEqual({ status: 'conflict' });
    await put(7);
    expect((await store.load('job'))?.state.triggerCount).toBe(7);
  });
});

describe('what was left behind', () => {
  it('is swept when it is old', async () => {
    await put(1);
    const [old, young, foreign] = [`${jobKey('job')}.old.tmp`, `${jobKey('job')}.young.tmp`, 'mine.tmp'];
    for (const name of [old, young, foreign]) await writeFile(join(directory, name), 'half');
    const longAgo = new Date(Date.now() - 120_000);
    for (const name of [old, foreign]) await utimes(join(directory, name), longAgo, longAgo);
    await store.load('job');
    const names = await readdir(directory);
    expect(names).toContain(young);
    expect(names).toContain(foreign);
    expect(names).not.toContain(old);
  });

  it('is removed when it is an old revision', async () => {
    for (let count = 1; count <= 5; count += 1) await put(count);
    await writeFile(join(directory, revisionFileName(jobKey('job'), 2)), 'stray');
    expect((await store.load('job'))?.state.triggerCount).toBe(5);
    expect(await readdir(directory)).toHaveLength(2);
  });
});

describe('the file system', () => {
  it('refuses for good where the directory is no directory', async () => {
    const path = join(directory, 'file');
    await writeFile(path, 'mine');
    for (const refused of [new FileStateStore(path), new FileStateStore(join(path, 'below'))]) {
      const failure = expect.objectContaining({
        name: 'StoreError',
        kind: 'denied',
        cause: expect.any(Error),
      });
      await expect(refused.load('job')).rejects.toEqual(failure);
      await expect(refused.save(stateOf(1), undefined)).rejects.toEqual(failure);
      await expect(refused.delete('job')).rejects.toEqual(failure);
    }
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('may reach the directory by a link', async () => {
    await symlink(directory, `${directory}-link`);
    try {
      const linked = new FileStateStore(`${directory}-link`);
      await put(3);
      expect((await linked.load('job'))?.state.triggerCount).toBe(3);
    } finally {
      await rm(`${directory}-link`);
    }
  });
});

it('refuses a state that could not be read back, and writes nothing', async () => {
  await expect(store.save({ ...stateOf(1), triggerCount: -1 }, undefined)).rejects.toMatchObject({
    kind: 'data',
  });
  expect(await readdir(directory)).toEqual([]);
});

it('serves many jobs at once', async () => {
  const ids = Array.from({ length: 500 }, (_, index) => `job-${index}`);
  expect(await Promise.all(ids.map((id) => store.load(id)))).toEqual(ids.map(() => undefined));
  const saved = await Promise.all(ids.map((id, index) => store.save(stateOf(index, id), undefined)));
  expect(saved.every(({ status }) => status === 'saved')).toBe(true);
  const other = new FileStateStore(directory);
  const loaded = await Promise.all(ids.map((id) => other.load(id)));
  expect(loaded.map((stored) => stored?.state.triggerCount)).toEqual(ids.map((_, index) => index));
});
