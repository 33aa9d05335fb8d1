import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const packages = fileURLToPath(new URL('../../packages/', import.meta.url));

/** How a program of an {@link Installation} is started. */
export interface ProgramOptions {
  /** Arguments of node before the program, such as `--test`. */
  readonly nodeArguments?: readonly string[];
  /** Arguments of the program. */
  readonly programArguments?: readonly string[];
  /** Time passes so many times faster in the program. */
  readonly timesFaster?: number;
}

/**
 * A project of a user's, in a folder of its own: our packages in `node_modules` as they would be published, built
 * from the sources, and the samples that are put beside them.
 */
export class Installation {
  readonly #running = new Set<ChildProcess>();

  private constructor(readonly directory: string) {}

  static async make(): Promise<Installation> {
    const directory = await mkdtemp(join(tmpdir(), 'guides-'));
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
    const modules = join(directory, 'node_modules');
    for (const name of await readdir(packages)) {
      const source = join(packages, name);
      const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as Manifest;
      if (manifest.private === true) continue;
      const target = join(modules, manifest.name);
      await mkdir(target, { recursive: true });
      for (const file of ['package.json', ...(manifest.files ?? [])].filter(
        (one) => one !== 'dist' && existsSync(join(source, one)),
      )) {
        await cp(join(source, file), join(target, file), { recursive: true });
      }
      await bundle(source, target);
      await linkDependencies(source, modules);
    }
    await linkDependencies(here.slice(0, -1), modules);
    return new Installation(directory);
  }

  /** Puts a sample into the project; TypeScript becomes a module that node runs. `replace` changes its text. */
  async add(sample: string, replace: Readonly<Record<string, string>> = {}): Promise<string> {
    let text = await readFile(join(here, sample), 'utf8');
    for (const [from, to] of Object.entries(replace)) {
      if (!text.includes(from)) throw new Error(`${sample} does not contain ${from}`);
      text = text.replaceAll(from, to);
    }
    const file = sample.split('/').at(-1) as string;
    if (!file.endsWith('.ts')) {
      await writeFile(join(this.directory, file), text);
      return file;
    }
    const { code } = await transform(text, { loader: 'ts', format: 'esm', target: 'es2022' });
    const name = file.replace(/\.ts$/, '.js');
    await writeFile(join(this.directory, name), code);
    return name;
  }

  /** Runs a program of the project. */
  run(program: string, options: ProgramOptions = {}): Program {
    const { nodeArguments = [], programArguments = [], timesFaster = 1 } = options;
    const faster = timesFaster === 1 ? [] : ['--import', join(here, 'faster-time.mjs')];
    const child = spawn(process.execPath, [...faster, ...nodeArguments, program, ...programArguments], {
      cwd: this.directory,
      env: { ...process.env, NODE_OPTIONS: '', TIMES_FASTER: `${timesFaster}` },
    });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    return new Program(child);
  }

  /** Ends what still runs and removes the project. */
  async remove(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL');
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A started program: what it has written so far, a wait for a text of it, and its end. */
export class Program {
  output = '';
  readonly ended: Promise<number | null>;

  constructor(private readonly child: ChildProcess) {
    const collect = (chunk: Buffer): void => void (this.output += chunk.toString());
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    this.ended = new Promise((resolve) => child.once('close', resolve));
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves when the program has written something that fits; rejects when it ends before. */
  seen(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(this.output)) resolve();
      };
      look();
      this.child.stdout?.on('data', look);
      this.child.once('close', () => reject(new Error(`ended without ${pattern}:\n${this.output}`)));
    });
  }
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly files?: readonly string[];
}

async function bundle(source: string, target: string): Promise<void> {
  for (const [format, file] of [
    ['esm', 'index.js'],
    ['cjs', 'index.cjs'],
  ] as const) {
    await build({
      entryPoints: [join(source, 'src/index.ts')],
      outfile: join(target, 'dist', file),
      bundle: true,
      platform: 'node',
      target: 'es2022',
      format,
      packages: 'external',
      logLevel: 'error',
      alias: {
        '@cloudiful-scheduler/valkey-connection': join(packages, 'valkey-connection/src/index.ts'),
      },
    });
  }
}

/** Links what a folder has installed into the project. */
async function linkDependencies(source: string, modules: string): Promise<void> {
  const installed = join(source, 'node_modules');
  for (const name of await readdir(installed).catch(() => [])) {
    if (name.startsWith('.') || name.startsWith('@')) continue;
    await symlink(join(installed, name), join(modules, name)).catch(ignoreExisting);
  }
}

function ignoreExisting(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}
