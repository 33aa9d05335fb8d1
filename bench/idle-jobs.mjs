// What an idle job costs: heap and the time to register it, each contestant in a process of its own, in turn.
// Fails when ours takes more than 1,000 bytes or 10 µs for an interval job.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROUNDS = 3;
const LIMITS = { bytes: 1_000, microseconds: 10 };

/** How to register many jobs that are not due for an hour, and how many of them a machine bears. */
const CONTESTANTS = {
  'cloudiful-scheduler, interval': { count: 100_000, make: ours },
  'setTimeout (floor)': { count: 100_000, make: timers },
  'toad-scheduler, interval': { count: 100_000, make: toad },
  'node-cron': { count: 10_000, make: nodeCron },
  cron: { count: 10_000, make: cron },
  croner: { count: 2_000, make: croner },
};

async function ours() {
  const { defineJob, every, Scheduler } = await import('@cloudiful-scheduler/core');
  const scheduler = new Scheduler();
  return (id) => scheduler.start(defineJob({ id, schedule: every(3_600_000), task: () => {} }));
}

async function timers() {
  return () => setTimeout(() => {}, 3_600_000);
}

async function toad() {
  const { SimpleIntervalJob, Task, ToadScheduler } = await import('toad-scheduler');
  const scheduler = new ToadScheduler();
  return (id) =>
    scheduler.addSimpleIntervalJob(new SimpleIntervalJob({ hours: 1 }, new Task(id, () => {}), { id }));
}

async function nodeCron() {
  const { default: library } = await import('node-cron');
  return (name) => library.schedule('0 0 1 1 *', () => {}, { name });
}

async function cron() {
  const { CronJob } = await import('cron');
  return () => CronJob.from({ cronTime: '0 0 1 1 *', onTick: () => {}, start: true });
}

async function croner() {
  const { Cron } = await import('croner');
  return (name) => new Cron('0 0 1 1 *', { name }, () => {});
}

async function measure(name) {
  const { count, make } = CONTESTANTS[name];
  const ids = Array.from({ length: count }, (_, index) => `job-${index}`);
  const register = await make();
  register('warm-up');
  // Kept, as a service would that stops its jobs one day; ours keeps them itself.
  const kept = name.startsWith('cloudiful') ? undefined : [];
  const before = heapUsed();
  const began = performance.now();
  for (const id of ids) {
    const job = register(id);
    kept?.push(job);
  }
  const took = performance.now() - began;
  // Ours loads and saves the state of each job in the turns after that.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const bytes = (heapUsed() - before) / count;
  console.log(JSON.stringify({ bytes, microseconds: (took * 1_000) / count, kept: kept?.length }));
  process.exit(0);
}

function heapUsed() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function compare() {
  const results = new Map(Object.keys(CONTESTANTS).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of results.keys()) {
      const args = ['--expose-gc', fileURLToPath(import.meta.url), name];
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000 });
      if (stdout === '') console.error(`${name}: ${stderr}`);
      else results.get(name).push(JSON.parse(stdout.trim().split('\n').at(-1)));
    }
  }
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const rows = [...results].map(([name, found]) => ({
    contestant: name,
    jobs: CONTESTANTS[name].count,
    'bytes per job': Math.round(median(found.map(({ bytes }) => bytes))),
    'µs to register': Number(median(found.map(({ microseconds }) => microseconds)).toFixed(1)),
  }));
  console.table(rows);
  const [own] = rows;
  const isWithin = own['bytes per job'] <= LIMITS.bytes && own['µs to register'] <= LIMITS.microseconds;
  console.log(
    `Ours must be within ${LIMITS.bytes} bytes and ${LIMITS.microseconds} µs: ${isWithin ? 'yes' : 'NO'}`,
  );
  process.exit(isWithin ? 0 : 1);
}

const [contestant] = process.argv.slice(2);
if (contestant === undefined) compare();
else await measure(contestant);
