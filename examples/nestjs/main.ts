import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NestLoggerObserver } from './nest-logger-observer.js';
import { Prices, PricesModule, refreshPrices } from './prices.js';
import { SchedulerModule, SchedulerService } from './scheduler.module.js';

@Module({
  imports: [
    SchedulerModule.registerAsync({
      imports: [PricesModule],
      inject: [Prices],
      useFactory: (prices) => ({
        start: (scheduler) => [scheduler.start(refreshPrices(prices))],
        graceMs: 20_000,
        observers: [new NestLoggerObserver()],
      }),
    }),
  ],
})
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule);
app.enableShutdownHooks(); // without it SIGTERM ends the process at once

await app.get(SchedulerService).handle('refresh-prices')?.trigger(); // one run at once, outside the schedule
