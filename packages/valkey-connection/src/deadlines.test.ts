import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Deadline, Deadlines } from './deadlines.js';

describe('Deadlines', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const expired: string[] = [];
  const deadline = (name: string, inMs: number): Deadline => ({
    dueAt: performance.now() + inMs,
    expire: () => void expired.push(name),
  });

  it('expire in their order, each when its time is up', async () => {
    expired.length = 0;
    const deadlines = new Deadlines();
    deadlines.add(deadline('first', 100));
    await vi.advanceTimersByTimeAsync(60);
    deadlines.add(deadline('second', 100));
    await vi.advanceTimersByTimeAsync(45);
    expect(expired).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(60);
    expect(expired).toEqual(['first', 'second']);
    expect(deadlines.size).toBe(0);
  });

  it('are met by what is removed in time, whatever was armed before', async () => {
    expired.length = 0;
    const deadlines = new Deadlines();
    const met = deadline('met', 100);
    deadlines.add(met);
    await vi.advanceTimersByTimeAsync(50);
    deadlines.remove(met);
    deadlines.add(deadline('missed', 100));
    await vi.advanceTimersByTimeAsync(90);
    expect(expired).toEqual([]);
    await vi.advanceTimersByTimeAsync(15);
    expect(expired).toEqual(['missed']);
  });

  it('arm no second timer for what comes while they wait', () => {
    const deadlines = new Deadlines();
    for (let index = 0; index < 100; index += 1) deadlines.add(deadline(`${index}`, 1_000));
    expect(vi.getTimerCount()).toBe(1);
  });
});

it('keep a process alive only while there are any', () => {
  const file = fileURLToPath(new URL('./deadlines.ts', import.meta.url));
  const program = buildSync({
    stdin: {
      contents: `import { Deadlines } from ${JSON.stringify(file)};
        const deadlines = new Deadlines();
        const deadline = { dueAt: performance.now() + 3_600_000, expire() {} };
        deadlines.add(deadline);
        setTimeout(() => deadlines.remove(deadline), 50);
        process.once('exit', () => console.log('left with', deadlines.size));`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  }).outputFiles[0]?.text;
  const options = { input: program, encoding: 'utf8', timeout: 30_000 } as const;
  expect(execFileSync(process.execPath, ['--input-type=module'], options)).toBe('left with 0\n');
});
