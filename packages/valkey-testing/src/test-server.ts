import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServer } from '../../../scripts/valkey-server.mjs';

const READY = /Ready to accept connections/;
const STARTS = 5;
const LONGEST_START_MS = 20_000;

/** How a {@link TestServer} is started. */
export interface TestServerOptions {
  /** Which program; default `valkey-server`. */
  readonly program?: string;
  /** More arguments, such as `['--maxmemory', '3mb']`. */
  readonly args?: readonly string[];
  /** The text of a configuration file that replaces everything but port, address and folder. */
  readonly config?: string;
  /** Resolve as soon as the port answers, even while the data is being loaded. */
  readonly untilListening?: boolean;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server of the tests' own, on a free port of the loopback interface and in a folder that goes with it. */
export class TestServer {
  readonly port: number;
  readonly directory: string;
  readonly #options: TestServerOptions;
  #child: ChildProcess | undefined;

  private constructor(port: number, directory: string, options: TestServerOptions) {
    this.port = port;
    this.directory = directory;
    this.#options = options;
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    for (let attempt = 1; ; attempt += 1) {
      const directory = mkdtempSync(join(tmpdir(), 'valkey-test-'));
      const server = new TestServer(await freePort(), directory, options);
      try {
        await server.restart();
        return server;
      } catch (error) {
        rmSync(directory, { recursive: true, force: true });
        if (attempt === STARTS || !/already in use/i.test(String(error))) throw error;
      }
    }
  }

  get url(): string {
    return `valkey://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('The server is not running');
    return pid;
  }

  /** Sends a signal to the process, such as SIGSTOP. */
  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** Ends the process at once; its folder stays. */
  async kill(name: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(name);
    await ended;
  }

  /** Starts the process on the same port and folder. */
  async restart(options: TestServerOptions = this.#options): Promise<void> {
    const { program = 'valkey-server', args = [], config, untilListening = config !== undefined } = options;
    const found = findServer(program);
    if (found.path === undefined) throw new Error(found.missing);
    const where = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.directory];
    const plain = ['--save', '', '--appendonly', 'no', '--enable-debug-command', 'yes'];
    const child = spawn(
      found.path,
      config === undefined ? [...where, ...plain, ...args] : [this.#write(config), ...where, ...args],
      {
        env: { ...process.env, ...found.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    running.add(child);
    child.once('exit', () => {
      running.delete(child);
      if (this.#child === child) this.#child = undefined;
    });
    await (untilListening ? untilAnswering(child, this.port) : untilPrinted(child, READY));
  }

  /** Ends the process and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #write(config: string): string {
    const file = join(this.directory, 'server.conf');
    writeFileSync(file, config);
    return file;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function untilPrinted(child: ChildProcess, expected: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The server did not start in time: ${output}`));
    }, LONGEST_START_MS);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (!expected.test(output)) return;
      clearTimeout(timer);
      output = '';
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`The server ended: ${output}`));
    });
  });
}

async function untilAnswering(child: ChildProcess, port: number): Promise<void> {
  child.stdout?.resume();
  child.stderr?.resume();
  while (child.exitCode === null && child.signalCode === null) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('connect', () => socket.destroy());
      socket.on('error', () => resolve(false));
    });
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('The server ended');
}
