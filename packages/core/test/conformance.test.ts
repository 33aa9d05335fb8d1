import {
  type ConformanceCase,
  executionGuardConformance,
  ManualClock,
  scheduleConformance,
  stateStoreConformance,
} from '@cloudiful-scheduler/testkit';
import { describe, it } from 'vitest';
import { InMemoryExecutionGuard } from '../src/guards/in-memory-execution-guard.js';
import { atTimes } from '../src/schedules/at-times.js';
import { every } from '../src/schedules/every.js';
import { InMemoryStateStore } from '../src/stores/in-memory-state-store.js';
import { ResilientStateStore } from '../src/stores/resilient-state-store.js';

function register(name: string, cases: readonly ConformanceCase[]): void {
  describe(name, () => {
    it.each(cases)('$layer: $name', ({ run }) => run());
  });
}

const clock = new ManualClock();
const completedTtlMs = 5_000;

register('InMemoryStateStore', stateStoreConformance({ create: () => new InMemoryStateStore() }));
register(
  'InMemoryStateStore, shared',
  stateStoreConformance({ create: () => new InMemoryStateStore({ shared: true }), open: (store) => store }),
);
register(
  'ResilientStateStore, healthy',
  stateStoreConformance({ create: () => new ResilientStateStore(new InMemoryStateStore()) }),
);
register(
  'ResilientStateStore, degraded',
  stateStoreConformance({
    create: async () => {
      const away = () => Promise.reject(new Error('connection refused'));
      const primary = { shared: false, load: away, save: away, delete: away };
      const store = new ResilientStateStore(primary, { startDegraded: true });
      await store.load('any');
      return store;
    },
  }),
);
register(
  'InMemoryExecutionGuard',
  executionGuardConformance({
    create: () => new InMemoryExecutionGuard({ ttlMs: 1_000, completedTtlMs, clock }),
    advance: (ms) => clock.advance(ms),
    completedTtlMs,
  }),
);
register('every', scheduleConformance({ create: () => every(90_000) }));
register(
  'every with an anchor',
  scheduleConformance({
    create: () => every({ hours: 7 }, { anchor: new Date('2030-01-01T00:00:00.007Z') }),
  }),
);
register(
  'atTimes',
  scheduleConformance({
    create: () => atTimes([5, 1, 1, 3, 8_000, 70_000_000].map((at) => new Date(Date.UTC(2026, 0, 1) + at))),
  }),
);
register('atTimes without times', scheduleConformance({ create: () => atTimes([]) }));
