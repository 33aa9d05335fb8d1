// #region program
import {
  defineJob,
  every,
  InMemoryExecutionGuard,
  InMemoryStateStore,
  Scheduler,
  type SchedulerEvent,
} from '@cloudiful-scheduler/core';
import { ManualClock } from '@cloudiful-scheduler/testkit';

// #region table
/** A storage that refuses whoever is late: it remembers the highest token that it has seen. */
class PriceTable {
  #highest = 0;

  write(price: number, fencingToken: number): void {
    if (fencingToken < this.#highest)
      throw new Error(`token ${fencingToken} is older than ${this.#highest}`);
    this.#highest = fencingToken;
    console.log(`  price ${price} is written with token ${fencingToken}`);
  }
}
// #endregion

const server = new ManualClock('2026-03-02T09:59:30Z'); // what two instances have in common
const store = new InMemoryStateStore({ shared: true });
const guard = new InMemoryExecutionGuard({ ttlMs: 30_000, clock: server });
const table = new PriceTable();

/** An instance with a clock of its own, which stands still when the instance does. */
function instance(name: string, download: Promise<void>): ManualClock {
  const clock = new ManualClock('2026-03-02T09:59:30Z');
  const job = defineJob({
    id: 'refresh-prices',
    schedule: every({ hours: 1 }, { anchor: new Date(0) }),
    task: async ({ run, lease }) => {
      console.log(
        `  ${name} runs attempt ${run.attempt} with token ${lease?.fencingToken}`,
      );
      await download;
      table.write(41.5, lease?.fencingToken ?? 0);
    },
  });
  const onEvent = (event: SchedulerEvent): void => {
    if (event.type === 'guard_lost')
      console.log(`  ${name} has lost its lease`);
    if (event.type !== 'run_completed') return;
    const why = event.error instanceof Error ? `: ${event.error.message}` : '';
    console.log(`  ${name}: ${event.status}${why}`);
  };
  new Scheduler({ clock, store, guard, observers: [{ onEvent }] }).start(job);
  return clock;
}

let finishDownload = (): void => {};
const a = instance('A', new Promise((resolve) => (finishDownload = resolve)));
await a.settle();
const b = instance('B', Promise.resolve());

console.log('both wait for 10:00');
await pass(30_000, a, b, server);
console.log('A stands still, as a suspended machine would');
await pass(60_000, b, server);
console.log('A wakes up and goes on');
finishDownload();
await pass(60_000, a, b, server);

async function pass(
  ms: number,
  ...clocks: readonly ManualClock[]
): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000)
    for (const clock of clocks) await clock.advance(1_000);
}
// #endregion
