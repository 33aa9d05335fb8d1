import type { Settings } from './settings.js';

interface Preset {
  readonly name: string;
  readonly changes: Partial<Settings>;
}

/** Settings worth a look, by what they show. */
export const PRESETS: readonly Preset[] = [
  { name: 'Catch up after an outage', changes: {} },
  { name: 'Replay every missed run', changes: { missed: 'replay_all' } },
  { name: 'A task slower than its schedule', changes: { task: '720', overlap: 'queue_one', outage: 'none' } },
  {
    name: 'A crash in the middle of a run',
    changes: { interval: '900', task: '360', outage: 'crash', from: '09:19', to: '09:23' },
  },
  {
    name: 'One of three instances dies',
    changes: { instances: '3', affected: '3', outage: 'crash', from: '09:16', to: '09:38', task: '120' },
  },
  {
    name: 'Only in a time window',
    changes: {
      schedule: 'cron',
      cron: '0 * * * *',
      window: '09:00-12:00, 22:00-02:00',
      start: '2026-03-02T06:30',
      span: '1440',
      task: '1200',
      outage: 'none',
    },
  },
  {
    name: 'The clocks go forward',
    changes: {
      schedule: 'cron',
      cron: '30 1,2,3 * * *',
      start: '2026-03-08T00:00',
      span: '240',
      zone: 'America/New_York',
      task: '600',
      outage: 'none',
    },
  },
];
