import { expect, it } from 'vitest';
import { runExample } from '../start-example.js';

it('counts in a worker thread while the lease of the run is renewed', async () => {
  const output = await runExample(new URL('main.mjs', import.meta.url));
  expect(output.match(/^476648 primes below 7000000, counted in a worker thread$/gm)).toHaveLength(2);
  expect(output).toMatch(/^meanwhile the lease was renewed [1-9]\d* times$/m);
  expect(output).not.toContain('the lease was lost');
});
