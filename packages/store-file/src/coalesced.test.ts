import { expect, it } from 'vitest';
import { Coalesced } from './coalesced.js';

function rounds() {
  const settle: { resolve: (round: number) => void; reject: (error: Error) => void }[] = [];
  const work = new Coalesced(
    () => new Promise<number>((resolve, reject) => settle.push({ resolve, reject })),
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { work, settle, turn };
}

it('gives late callers the next round, all the same one', async () => {
  const { work, settle, turn } = rounds();
  const first = work.run();
  const late = [work.run(), work.run()];
  expect(settle).toHaveLength(1);
  settle[0]?.resolve(1);
  expect(await first).toBe(1);
  await turn();
  expect(settle).toHaveLength(2);
  const later = work.run();
  settle[1]?.resolve(2);
  expect(await Promise.all(late)).toEqual([2, 2]);
  await turn();
  settle[2]?.resolve(3);
  expect(await later).toBe(3);
});

it('goes on after a round that failed', async () => {
  const { work, settle, turn } = rounds();
  const first = work.run();
  const second = work.run();
  settle[0]?.reject(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await turn();
  settle[1]?.resolve(2);
  expect(await second).toBe(2);
  await turn();
  const third = work.run();
  settle[2]?.resolve(3);
  expect(await third).toBe(3);
});
