import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { ValkeyClient } from './client.js';
import { WriteBatch } from './write-batch.js';

it('writes at once what is sent in one turn of the event loop', async () => {
  const written: string[][] = [];
  const stream = new Writable({
    writev(chunks, done) {
      written.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
  });
  const batch = new WriteBatch({ stream } as unknown as ValkeyClient);
  const send = (text: string): void => {
    batch.open();
    stream.write(text);
  };
  send('a');
  send('b');
  await Promise.resolve().then(() => send('c'));
  await new Promise((resolve) => setImmediate(resolve));
  send('d');
  send('e');
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
});

it('leaves a client alone that has no stream of its own', () => {
  expect(() => new WriteBatch({} as ValkeyClient).open()).not.toThrow();
  expect(() => new WriteBatch({ stream: {} } as ValkeyClient).open()).not.toThrow();
});
