import { describe, expect, it } from 'vitest';
import { runExample } from '../start-example.js';

const program = (file: string): URL => new URL(file, import.meta.url);

describe('a job definition with dependencies', () => {
  it('serves two shops', async () => {
    expect(await runExample(program('main.ts'))).toBe(
      'to berlin@shops.example: berlin sold 2 for 62.49\nto lisbon@shops.example: lisbon sold 1 for 3.00\n',
    );
  });

  it('is tested with others in their place', async () => {
    const output = await runExample(program('report-job.spec.ts'), {
      nodeArgs: ['--test', '--test-reporter=tap'],
    });
    expect(output).toMatch(/^# pass 4$/m);
    expect(output).toMatch(/^# fail 0$/m);
  });
});
