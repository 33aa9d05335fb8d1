import { describe, expect, it } from 'vitest';
import { runExample } from '../start-example.js';

const program = (file: string): URL => new URL(file, import.meta.url);

describe('a guard over HTTP', () => {
  it('keeps the promises of a guard, as node:test finds', async () => {
    const output = await runExample(program('http-execution-guard.test.mjs'), {
      nodeArgs: ['--test', '--test-reporter=tap'],
    });
    expect(output).toMatch(/^# pass [1-9]\d$/m);
    expect(output).toMatch(/^# fail 0$/m);
  });

  it('gives each occurrence to one of two instances', async () => {
    const output = await runExample(program('main.mjs'));
    const runs = [...output.matchAll(/^[AB] runs (\S+), fencing token (\d+)$/gm)];
    const left = [...output.matchAll(/^[AB] leaves (\S+), (?:contended|already_completed)$/gm)];
    const occurrences = new Set(runs.map(([, occurrence]) => occurrence));
    expect([runs.length, occurrences.size, left.length], output).toEqual([6, 6, 6]);
    expect(new Set(left.map(([, occurrence]) => occurrence))).toEqual(occurrences);
    expect(new Set(runs.map(([, , token]) => token))).toEqual(new Set(['1', '2', '3', '4', '5', '6']));
    expect(output).toMatch(/^6 occurrences, 0 lost, 0 run twice$/m);
  });
});
