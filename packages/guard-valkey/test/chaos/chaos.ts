import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';
import { TestServer } from '@cloudiful-scheduler/valkey-testing';
import { build } from 'esbuild';
import { check, type Entry, groupBy, type Verdict } from './checker.js';

const TTL_MS = 1_000;
const INTERVAL_MS = 50;
const WORKERS = 8;
const JOBS = 10;
const QUIET_LIMIT_MS = 120_000;

/** What became of a chaos run. */
export interface ChaosReport extends Omit<Verdict, 'suspects'> {
  /** The log of the occurrences that something is wrong with. */
  readonly evidence: readonly Entry[];
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
}

const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Runs eight processes under faults until `occurrences` are consumed, and joins their logs. */
export async function chaos(
  occurrences: number,
  program: string,
  random: () => number,
): Promise<ChaosReport> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const server = await TestServer.start({
    program,
    args: ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder],
  });
  const bundle = join(folder, 'worker.mjs');
  await bundleWorker(bundle);
  const maxRuns = Math.ceil(occurrences / JOBS);
  const jobs = Array.from({ length: JOBS }, (_, index) => ({
    id: `job-${index}`,
    missedRunPolicy: index % 2 === 0 ? 'catch_up_once' : 'replay_all',
    overlapPolicy: index % 3 === 0 ? 'queue_one' : 'forbid',
  }));
  const faults: Entry[] = [];
  const fault = (worker: string, what: string): void => void faults.push({ worker, what, t: now() });
  const violations: string[] = [];
  const workers = Array.from({ length: WORKERS }, (_, index) => {
    const clockOffsetMs = Math.round((random() - 0.5) * 10_000);
    const options = { name: `w${index}`, url: server.url, jobs, maxRuns, clockOffsetMs };
    return new Worker({ ...options, bundle, log: join(folder, `w${index}.log`) });
  });
  const store = new ValkeyStateStore({ url: server.url }, { commandTimeoutMs: 500 });
  const seen = new Map<string, number>();
  const remaining = async (): Promise<number> => {
    let left = 0;
    for (const { id } of jobs) {
      const state = (await store.load(id).catch(() => undefined))?.state;
      const count = state?.triggerCount ?? 0;
      if (state !== undefined && count < (seen.get(id) ?? 0)) violations.push(`${id} went backward`);
      if (state !== undefined) seen.set(id, count);
      if (state === undefined || count < maxRuns || state.inFlight.length > 0) left += 1;
    }
    return left;
  };

  const began = now();
  try {
    for (const worker of workers) worker.start();
    let serverFaults = 0;
    const faultyUntil = began + maxRuns * INTERVAL_MS;
    while (now() < faultyUntil && (await remaining()) > 0) {
      await sleep(200 + random() * 600);
      const worker = workers[Math.floor(random() * WORKERS)] as Worker;
      const dice = random();
      if (dice < 0.4) {
        fault(worker.name, 'kill');
        await worker.kill();
        await sleep(random() * 500);
        worker.start();
      } else if (dice < 0.75) {
        fault(worker.name, 'stop');
        worker.signal('SIGSTOP');
        void sleep(200 + random() * 2 * TTL_MS).then(() => {
          fault(worker.name, 'cont');
          worker.signal('SIGCONT');
        });
      } else if (dice < 0.85 && serverFaults < 6) {
        serverFaults += 1;
        fault('server', 'server_kill');
        await server.kill();
        await sleep(random() * 1_000);
        await server.restart();
        fault('server', 'server_restart');
      } else if (dice < 0.9 && serverFaults < 6) {
        serverFaults += 1;
        fault('server', 'server_stop');
        server.signal('SIGSTOP');
        await sleep(random() * 1_500);
        server.signal('SIGCONT');
        fault('server', 'server_cont');
      }
    }
    const quietUntil = now() + QUIET_LIMIT_MS;
    while ((await remaining()) > 0) {
      if (now() > quietUntil) {
        violations.push(`not at rest after ${QUIET_LIMIT_MS} ms without faults`);
        break;
      }
      await sleep(200);
    }
    for (const { id } of jobs) {
      const state = (await store.load(id))?.state;
      if (state?.triggerCount !== maxRuns)
        violations.push(`${id} consumed ${state?.triggerCount} of ${maxRuns}`);
    }
  } finally {
    for (const worker of workers) await worker.kill();
    await store.close();
    await server.stop();
  }
  const log = [...faults, ...readLogs(folder)];
  const { suspects, ...verdict } = check(log, TTL_MS);
  rmSync(folder, { recursive: true, force: true });
  const counts = groupBy(faults, ({ what }) => what);
  return {
    ...verdict,
    violations: [...violations, ...verdict.violations],
    evidence: suspects.flatMap((suspect) => around(suspect, log)),
    seconds: Math.round((now() - began) / 1_000),
    faults: Object.fromEntries([...counts].map(([what, list]) => [what, list.length])),
  };
}

/** What the log says of an occurrence, and of the faults meanwhile. */
function around({ jobId, occurrence }: Entry, log: readonly Entry[]): Entry[] {
  const own = log.filter((entry) => entry.jobId === jobId && entry.occurrence === occurrence);
  const [from, through] = [Math.min(...own.map(({ t }) => t)), Math.max(...own.map(({ t }) => t))];
  const meanwhile = log.filter(({ t, jobId: of }) => of === undefined && t >= from && t <= through);
  return [...own, ...meanwhile].toSorted((a, b) => a.t - b.t);
}

class Worker {
  readonly name: string;
  readonly #options: Record<string, unknown>;
  readonly #bundle: string;
  #child: ChildProcess | undefined;

  constructor({ bundle, ...options }: { name: string; bundle: string } & Record<string, unknown>) {
    this.name = options.name;
    this.#bundle = bundle;
    this.#options = { ...options, intervalMs: INTERVAL_MS, ttlMs: TTL_MS, blockEvery: 400 };
  }

  start(): void {
    this.#child = spawn(process.execPath, [this.#bundle, JSON.stringify(this.#options)], {
      stdio: 'inherit',
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

async function bundleWorker(outfile: string): Promise<void> {
  const packages = ['core', 'store-valkey', 'guard-valkey', 'valkey-connection'];
  const alias = packages.map((name) => [
    `@cloudiful-scheduler/${name}`,
    source(`../../../${name}/src/index.ts`),
  ]);
  await build({
    entryPoints: [source('worker.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: Object.fromEntries(alias),
    // The client is CommonJS and requires modules of Node.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

function readLogs(folder: string): Entry[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .filter((line) => line.endsWith('}'))
    .map((line): Entry => JSON.parse(line));
}
