import { expect, it } from 'vitest';
import { runExample } from '../start-example.js';

it('previews a nightly job over a change of the clocks, and runs at the next full minute', async () => {
  const output = await runExample(new URL('main.mjs', import.meta.url), {
    nodeArgs: ['--import', new URL('../guides/faster-time.mjs', import.meta.url).href],
    env: { TIMES_FASTER: '30' },
  });
  const [first, second, third, ran, finished, ...more] = output.trim().split('\n');
  expect([first, second, third]).toEqual([
    'nightly 08/03/2025, 02:30:00',
    'nightly 09/03/2025, 03:00:00',
    'nightly 10/03/2025, 02:30:00',
  ]);
  expect(ran).toMatch(/^ran for \d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/);
  expect(finished).toMatch(/^finished after \d+ run: success$/);
  expect(more).toEqual([]);
});
