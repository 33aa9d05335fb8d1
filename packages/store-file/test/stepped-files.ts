import { AsyncLocalStorage } from 'node:async_hooks';
import type * as files from 'node:fs/promises';

/** What decides when a process may take its next step on the file system. */
export type Steps = (name: string) => Promise<void> | void;

const current = new AsyncLocalStorage<Steps>();

/** Lets `work` run as a process of its own, that asks `steps` before each step on the file system. */
export function asProcess<T>(steps: Steps, work: () => Promise<T>): Promise<T> {
  return current.run(steps, work);
}

/** Stands in for `node:fs/promises`. Nothing waits for the disk: that a host fails is not what is tested. */
export function steppedFiles(real: typeof files): typeof files {
  const step = async (name: string) => current.getStore()?.(name);
  const before =
    <A extends unknown[], T>(name: string, work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      await step(name);
      return work(...args);
    };
  const open = async (...args: Parameters<typeof files.open>) => {
    await step('open');
    const path = args[0] as string;
    if (args[1] === 'wx') await real.writeFile(path, '', { flag: 'wx' });
    else await real.access(path);
    // No handle is held: a process that is cut off has nobody to close it.
    return {
      async writeFile(text: string) {
        await step('write');
        await real.appendFile(path, text.slice(0, text.length >> 1));
        await step('write the rest');
        await real.appendFile(path, text.slice(text.length >> 1));
      },
      sync: () => step('sync'),
      close: async () => {},
    };
  };
  return {
    ...real,
    open: open as unknown as typeof files.open,
    link: before('link', real.link),
    mkdir: before('mkdir', real.mkdir) as typeof files.mkdir,
    readdir: before('readdir', real.readdir as (path: string) => Promise<string[]>) as typeof files.readdir,
    readFile: before('readFile', real.readFile) as typeof files.readFile,
    stat: before('stat', real.stat) as typeof files.stat,
    unlink: before('unlink', real.unlink),
  };
}
