import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

/** A program that was started as a user starts it. */
export interface RunningExample {
  /** What it has written so far. */
  output(): string;
  /** Waits until it has written what `pattern` matches; gives the match, or fails with what it wrote instead. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** What {@link startExample} takes. */
export interface StartOptions {
  /** Options of node itself. */
  readonly nodeArgs?: readonly string[];
  /** Arguments of the program. */
  readonly args?: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Map<ChildProcess, Promise<unknown>>();

/**
 * Starts a program of an example as a process of its own. tsx lets it import the packages from their sources, so
 * that nothing has to be built before, and nothing old is tested.
 */
export function startExample(program: URL, options: StartOptions = {}): RunningExample {
  const { nodeArgs = [], args = [], env = {} } = options;
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), ...nodeArgs, fileURLToPath(program), ...args],
    {
      cwd: fileURLToPath(new URL('.', program)),
      env: {
        ...withoutVitest(process.env),
        TSX_TSCONFIG_PATH: fileURLToPath(new URL('../tsconfig.json', import.meta.url)),
        ...env,
      },
    },
  );
  let output = '';
  const watchers = new Set<() => void>();
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const look of watchers) look();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  let over = false;
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      running.delete(child);
      for (const look of watchers) look();
      resolve({ code, signal });
    });
  });
  running.set(child, ended);
  const seen = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output);
        if (match === null && !over) return;
        watchers.delete(look);
        if (match === null) reject(new Error(`It ended without ${pattern}:\n${output}`));
        else resolve(match);
      };
      watchers.add(look);
      look();
    });
  return { output: () => output, seen, kill: (signal) => void child.kill(signal), ended };
}

/** Runs a program to its end and gives what it wrote; fails when it does not end well. */
export async function runExample(program: URL, options: StartOptions = {}): Promise<string> {
  const example = startExample(program, options);
  const { code, signal } = await example.ended;
  if (code !== 0) throw new Error(`It ended with ${code ?? signal}:\n${example.output()}`);
  return example.output();
}

/** The runner's own variables would make a `node:test` of an example believe that it is part of this run. */
function withoutVitest(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _context, VITEST: _vitest, NODE_OPTIONS: _options, ...rest } = env;
  return rest;
}

/** Kills what still runs and waits for its end; for tests that then remove what it writes to. */
export async function killExamples(): Promise<void> {
  for (const child of running.keys()) child.kill('SIGKILL');
  await Promise.all(running.values());
}

afterEach(killExamples);
