import { hasSeveralInstances, instantsOf, listOf } from './scenario-of.js';
import { instantOf } from '@cloudiful-scheduler/docs-timeline';
import type { Settings } from './settings.js';

/** The program that does what the settings describe. */
export function codeFor(settings: Settings): string {
  const { schedule, missed, overlap, interrupted, outage, zone } = settings;
  const isShared = hasSeveralInstances(settings);
  const isKept = !isShared && outage !== 'none';
  const ofCore = [
    'defineJob',
    ...(schedule === 'cron' ? [] : [schedule === 'every' ? 'every' : 'atTimes']),
    'Scheduler',
  ];
  const segments = listOf(settings.window).map((stretch) => {
    const [from = '', to = ''] = stretch.split('-').map((part) => part.trim());
    return `{ start: '${from}', end: '${to}' }`;
  });
  const options = [
    ...(isShared ? ['store', 'guard'] : []),
    ...(isKept ? ["store: new FileStateStore('./state')"] : []),
    ...(zone === 'UTC' ? [] : [`timezone: '${zone}'`]),
  ];
  return [
    `import { ${ofCore.toSorted((a, b) => a.localeCompare(b, 'en')).join(', ')} } from '@cloudiful-scheduler/core';`,
    ...(isShared ? ["import { ValkeyExecutionGuard } from '@cloudiful-scheduler/guard-valkey';"] : []),
    ...(schedule === 'cron' ? ["import { cron } from '@cloudiful-scheduler/schedule-cron';"] : []),
    ...(isKept ? ["import { FileStateStore } from '@cloudiful-scheduler/store-file';"] : []),
    ...(isShared ? ["import { ValkeyStateStore } from '@cloudiful-scheduler/store-valkey';"] : []),
    '',
    'const job = defineJob({',
    "  id: 'my-job',",
    `  schedule: ${scheduleText(settings)},`,
    `  missedRunPolicy: '${missed}',`,
    `  overlapPolicy: '${overlap}',`,
    `  interruptedRunPolicy: '${interrupted}',`,
    ...(segments.length === 0 ? [] : [`  timeWindow: { segments: [${segments.join(', ')}] },`]),
    '  task: async ({ run, signal }) => {',
    "    console.log('running', run.scheduledAt, signal.aborted);",
    '  },',
    '});',
    '',
    ...(isShared
      ? [
          "const url = 'valkey://localhost:6379';",
          'const store = new ValkeyStateStore({ url });',
          'const guard = new ValkeyExecutionGuard({ url });',
        ]
      : []),
    `const scheduler = new Scheduler(${options.length === 0 ? '' : `{ ${options.join(', ')} }`});`,
    'scheduler.start(job);',
    '',
  ].join('\n');
}

function scheduleText(settings: Settings): string {
  switch (settings.schedule) {
    case 'every':
      return `every(${durationText(Number(settings.interval))}${hasSeveralInstances(settings) ? ', { anchor: new Date(0) }' : ''})`;
    case 'cron':
      return `cron('${settings.cron.trim().replaceAll(/[\\']/g, '\\$&')}')`;
    case 'times': {
      const start = new Date(instantOf(settings.start, settings.zone));
      const times = instantsOf(settings.times, start, settings.zone).map(
        (time) => `new Date('${time.toISOString().replace('.000Z', 'Z')}')`,
      );
      return `atTimes([${times.map((time) => `\n    ${time},`).join('')}\n  ])`;
    }
  }
}

function durationText(seconds: number): string {
  if (seconds % 3_600 === 0) return `{ hours: ${seconds / 3_600} }`;
  if (seconds % 60 === 0) return `{ minutes: ${seconds / 60} }`;
  return seconds % 1 === 0 ? `{ seconds: ${seconds} }` : String(seconds * 1_000);
}
