import { every } from '@cloudiful-scheduler/core';
import { cron } from '@cloudiful-scheduler/schedule-cron';
import { type DrawOptions, type Scenario, simulate, drawTimeline } from '../src/index.js';

interface Figure extends DrawOptions {
  readonly scenario: Scenario;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const start = new Date('2026-03-02T09:00:00Z');
const everyFiveMinutes = every({ minutes: 5 });
const outage = { fromMs: 17 * MINUTE, toMs: 38 * MINUTE, kind: 'stop' } as const;
const missed = { start, spanMs: HOUR, schedule: everyFiveMinutes, taskMs: 1.5 * MINUTE, outages: [outage] };
const overlap = { start, spanMs: HOUR, schedule: everyFiveMinutes, taskMs: 12 * MINUTE };
const interrupted = {
  start,
  spanMs: HOUR,
  schedule: every({ minutes: 15 }),
  taskMs: 6 * MINUTE,
  outages: [{ fromMs: 19 * MINUTE, toMs: 23 * MINUTE }],
};
const night = { taskMs: 10 * MINUTE, timezone: 'America/New_York' };

const drawn = {
  'missed-skip': {
    title: 'Missed runs with the policy skip',
    description:
      'A job is due every five minutes. Its process is down from 09:17 to 09:38. The four occurrences of that time are skipped as missed; the next run is that of 09:40.',
    scenario: { ...missed, missedRunPolicy: 'skip' },
  },
  'missed-catch-up-once': {
    title: 'Missed runs with the policy catch_up_once',
    description:
      'A job is due every five minutes. Its process is down from 09:17 to 09:38. At 09:38 one catch-up run stands for the four occurrences of that time; then 09:40 runs as usual.',
    scenario: { ...missed, missedRunPolicy: 'catch_up_once' },
  },
  'missed-replay-all': {
    title: 'Missed runs with the policy replay_all',
    description:
      'A job is due every five minutes. Its process is down from 09:17 to 09:38. From 09:38 on all occurrences of that time are run, one after another, oldest first.',
    scenario: { ...missed, missedRunPolicy: 'replay_all' },
  },
  'overlap-forbid': {
    title: 'Overlap with the policy forbid',
    description:
      'A job is due every five minutes and its task takes twelve. Occurrences that come due while a run is active are skipped with the reason overlap.',
    scenario: { ...overlap, overlapPolicy: 'forbid' },
  },
  'overlap-queue-one': {
    title: 'Overlap with the policy queue_one',
    description:
      'A job is due every five minutes and its task takes twelve. One occurrence waits for the active run and starts right after it; the others are skipped with the reason overlap.',
    scenario: { ...overlap, overlapPolicy: 'queue_one' },
  },
  'overlap-allow-parallel': {
    title: 'Overlap with the policy allow_parallel',
    description:
      'A job is due every five minutes and its task takes twelve. Each occurrence starts on time, beside the runs that are still active.',
    scenario: { ...overlap, overlapPolicy: 'allow_parallel' },
  },
  'time-window': {
    title: 'A time window',
    description:
      'A job is due every hour, with a window from 09:00 to 12:00 and from 22:00 to 02:00. Occurrences outside it are skipped with the reason outside_time_window. 09:00 and 22:00 run, 12:00 and 02:00 do not.',
    scenario: {
      start: new Date('2026-03-02T06:30:00Z'),
      spanMs: 24 * HOUR,
      schedule: cron('0 * * * *'),
      taskMs: 20 * MINUTE,
      timeWindow: {
        segments: [
          { start: '09:00', end: '12:00' },
          { start: '22:00', end: '02:00' },
        ],
      },
    },
  },
  'interrupted-rerun': {
    title: 'An interrupted run with the policy rerun',
    description:
      'The process dies at 09:19 during the run of 09:15. Started anew at 09:23, it runs the same occurrence again as attempt 2.',
    scenario: { ...interrupted, interruptedRunPolicy: 'rerun' },
  },
  'interrupted-skip': {
    title: 'An interrupted run with the policy skip',
    description:
      'The process dies at 09:19 during the run of 09:15. Started anew at 09:23, it skips that occurrence with the reason interrupted and waits for 09:30.',
    scenario: { ...interrupted, interruptedRunPolicy: 'skip' },
  },
  'two-instances': {
    title: 'Two instances share a job',
    description:
      'Two instances use one store and one guard. A job is due every five minutes; each occurrence runs once, on one of them.',
    scenario: { start, spanMs: HOUR, schedule: everyFiveMinutes, taskMs: 2 * MINUTE, instances: 2 },
  },
  takeover: {
    title: 'An instance takes over from another that died',
    description:
      'Two instances use one store and one guard. The instance with the run of 09:06 dies at 09:06:45. When its lease has run out, the other runs the same occurrence again as attempt 2.',
    scenario: {
      start,
      spanMs: 18 * MINUTE,
      schedule: every({ minutes: 3 }),
      taskMs: 75_000,
      instances: 2,
      outages: [{ fromMs: 6.75 * MINUTE, toMs: 13 * MINUTE, instance: 1 }],
    },
  },
  'daylight-saving-gap': {
    title: 'Clocks go forward: a fixed time that does not exist',
    description:
      'In New York on 8 March 2026 the hour from 02:00 to 03:00 does not exist. Of the job 30 1,2,3 * * * the time 02:30 runs at 03:00, the first instant after the gap.',
    notes: [{ at: new Date('2026-03-08T07:00:00Z'), text: 'no 02:30 today: runs at 03:00' }],
    scenario: {
      ...night,
      start: new Date('2026-03-08T05:00:00Z'),
      spanMs: 4 * HOUR,
      schedule: cron('30 1,2,3 * * *'),
    },
  },
  'daylight-saving-repeat': {
    title: 'Clocks go back: a fixed time that exists twice',
    description:
      'In New York on 1 November 2026 the hour from 01:00 to 02:00 exists twice. Of the job 30 0,1,2 * * * the time 01:30 runs once, in the first of the two hours.',
    notes: [{ at: new Date('2026-11-01T05:30:00Z'), text: 'the first 01:30 runs, the second does not' }],
    scenario: {
      ...night,
      start: new Date('2026-11-01T04:00:00Z'),
      spanMs: 4 * HOUR,
      schedule: cron('30 0,1,2 * * *'),
    },
  },
} satisfies Record<string, Figure>;

/** The names of the pictures in the guides. */
export const figureNames = Object.keys(drawn) as (keyof typeof drawn)[];

/** Runs the scenario of a picture and draws what happened. */
export async function drawFigure(name: keyof typeof drawn): Promise<string> {
  const figure: Figure = drawn[name];
  return drawTimeline(await simulate(figure.scenario), figure);
}
