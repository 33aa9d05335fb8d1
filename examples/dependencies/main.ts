import { every, Scheduler } from '@cloudiful-scheduler/core';
import { type Order, type ReportDeps, reportJob } from './report-job.js';

/** Stands for a database of orders. */
class OrderBook {
  readonly #orders: readonly (Order & { readonly at: Date })[];

  constructor(orders: readonly (Order & { readonly at: Date })[]) {
    this.#orders = orders;
  }

  async between(from: Date, to: Date): Promise<readonly Order[]> {
    return this.#orders.filter(({ at }) => at > from && at <= to);
  }
}

const mailer: ReportDeps['mailer'] = {
  send: async (to, text) => console.log(`to ${to}: ${text}`),
};

const anHourAgo = new Date(Date.now() - 3_600_000);
const lastWeek = new Date(Date.now() - 7 * 86_400_000);
const shops = {
  berlin: new OrderBook([
    { id: 'b-1', cents: 100_000, at: lastWeek },
    { id: 'b-2', cents: 1_250, at: anHourAgo },
    { id: 'b-3', cents: 4_999, at: anHourAgo },
  ]),
  lisbon: new OrderBook([{ id: 'l-1', cents: 300, at: anHourAgo }]),
};

const scheduler = new Scheduler();
for (const [shop, orders] of Object.entries(shops)) {
  const job = reportJob(shop, every({ hours: 24 }), {
    orders,
    mailer,
    recipient: `${shop}@shops.example`,
  });
  const handle = scheduler.start(job);
  await handle.trigger(); // one report at once, not only in 24 hours
}
await scheduler.shutdown(); // waits for the two reports
