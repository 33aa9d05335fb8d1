import { defineJob, type Job, type Schedule } from '@cloudiful-scheduler/core';

const DAY_MS = 86_400_000;

export interface Order {
  readonly id: string;
  readonly cents: number;
}

/** All that the job takes from the world around it. */
export interface ReportDeps {
  readonly orders: { between(from: Date, to: Date, signal: AbortSignal): Promise<readonly Order[]> };
  readonly mailer: { send(to: string, text: string): Promise<void> };
  readonly recipient: string;
}

/** One definition for every shop; what differs comes in. */
export function reportJob(shop: string, schedule: Schedule, deps: ReportDeps): Job<ReportDeps> {
  return defineJob({
    id: `report-${shop}`, // names the stored state, so each shop has its own
    schedule,
    deps,
    // The types of `deps` are those of what was given: nothing has to be written twice.
    task: async ({ run, deps: { orders, mailer, recipient }, signal }) => {
      const from = new Date(run.scheduledAt.getTime() - DAY_MS);
      const sold = await orders.between(from, run.scheduledAt, signal);
      const cents = sold.reduce((sum, order) => sum + order.cents, 0);
      await mailer.send(recipient, `${shop} sold ${sold.length} for ${(cents / 100).toFixed(2)}`);
    },
  });
}
