import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, every, type Job } from '@cloudiful-scheduler/core';
import { Injectable, Module, type OnModuleDestroy } from '@nestjs/common';

const taskMs = Number(process.env['TASK_MS'] ?? 1_000);

/** Stands for something that holds a connection. */
@Injectable()
export class Prices implements OnModuleDestroy {
  #closed = false;

  async refresh(signal: AbortSignal): Promise<void> {
    console.log('prices are being refreshed');
    await sleep(taskMs, undefined, { signal });
    if (this.#closed) throw new Error('the connection is closed');
    console.log('prices are refreshed');
  }

  onModuleDestroy(): void {
    this.#closed = true;
    console.log('the connection is closed');
  }
}

@Module({ providers: [Prices], exports: [Prices] })
export class PricesModule {}

export function refreshPrices(prices: Prices): Job<{ readonly prices: Prices }> {
  return defineJob({
    id: 'refresh-prices',
    schedule: every({ seconds: 5 }),
    deps: { prices },
    task: ({ deps, signal }) => deps.prices.refresh(signal),
  });
}
