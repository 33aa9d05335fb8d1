import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runExample } from '../start-example.js';

const program = new URL('main.mjs', import.meta.url);

describe('the logs of a job', () => {
  it('are one line of JSON per event, with its fields', async () => {
    const lines = (await runExample(program))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const of = (event: string) => lines.filter((line) => line['event'] === event);
    expect(of('run_started').map((line) => line['trigger_count'])).toEqual([1, 2, 3, 4]);
    expect(of('run_completed').map((line) => line['status'])).toEqual([
      'success',
      'success',
      'failed',
      'success',
    ]);
    expect(of('run_completed')[2]).toMatchObject({
      component: 'jobs',
      job_id: 'refresh-prices',
      err: { message: 'the market is closed' },
    });
    expect(of('trigger_emitted')).toEqual([]);
    expect(lines.filter((line) => line['msg'] === 'prices refreshed')).toHaveLength(3);
    expect(lines.at(-1)).toMatchObject({ event: 'scheduler_stopped', reason: 'terminal' });
  });

  it('read well with pino-pretty', async () => {
    const pretty = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.resolve('pino-pretty/bin.js')), '--no-colorizeObjects', '--colorize=false'],
      { input: await runExample(program), encoding: 'utf8' },
    );
    expect(pretty.status, pretty.stderr).toBe(0);
    expect(pretty.stdout).toMatch(/^\[.+\] INFO \(\d+\): prices refreshed$/m);
    expect(pretty.stdout).toMatch(/^\[.+\] (WARN|ERROR) \(\d+\): .*refresh-prices/m);
    expect(pretty.stdout).toContain('the market is closed');
    expect(pretty.stdout).not.toMatch(/^\{/m);
  });
});
