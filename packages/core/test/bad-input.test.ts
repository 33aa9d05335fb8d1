import { describe, expect, it } from 'vitest';
import * as core from '../src/index.js';

const { atTimes, defineJob, every, nextOccurrences, Scheduler } = core;
const task = () => {};
const job = (options: object) => () => defineJob({ id: 'job', schedule: every(1_000), task, ...options });
const scheduler = (options: unknown) => () => new Scheduler(options as never);
const window = (timeWindow: unknown) => job({ timeWindow });
const segments = (...list: unknown[]) => window({ segments: list });
const method = () => {};
const store = { shared: false, load: method, save: method, delete: method };

/** What is written, the option that the error names, and a part of what it says is allowed. */
const CASES: readonly [string, () => unknown, string, string][] = [
  ['no options', () => defineJob(undefined as never), 'job', 'an object'],
  ['an empty id', job({ id: '' }), 'job.id', 'not empty'],
  ['an id that is no string', job({ id: 7 }), 'job.id', 'a string'],
  ['no schedule', job({ schedule: undefined }), 'job.schedule', 'first, next'],
  ['an expression as the schedule', job({ schedule: '* * * * *' }), 'job.schedule', "cron('* * * * *')"],
  [
    'a schedule without next',
    job({ schedule: { kind: 'a', fingerprint: 'a', first: method } }),
    'job.schedule.next',
    'first, next',
  ],
  ['a task that is no function', job({ task: 'run' }), 'job.task', 'a function'],
  ['an unknown option', job({ overlap: 'forbid' }), 'job.overlap', 'overlapPolicy'],
  [
    'an unknown missed-run policy',
    job({ missedRunPolicy: 'catch_up' }),
    'job.missedRunPolicy',
    "'catch_up_once'",
  ],
  ['an unknown overlap policy', job({ overlapPolicy: 'queue' }), 'job.overlapPolicy', "'queue_one'"],
  [
    'an unknown interrupted-run policy',
    job({ interruptedRunPolicy: null }),
    'job.interruptedRunPolicy',
    "'rerun'",
  ],
  ['a negative maxRuns', job({ maxRuns: -1 }), 'job.maxRuns', 'from 0'],
  ['a fractional maxRuns', job({ maxRuns: 1.5 }), 'job.maxRuns', 'a whole number'],
  ['maxRuns NaN', job({ maxRuns: Number.NaN }), 'job.maxRuns', 'a whole number'],
  [
    'a negative maxInterruptedReruns',
    job({ maxInterruptedReruns: -1 }),
    'job.maxInterruptedReruns',
    'from 0',
  ],
  ['a replayLimit of 0', job({ replayLimit: 0 }), 'job.replayLimit', 'from 1'],
  ['a negative catchUpWithinMs', job({ catchUpWithinMs: -5 }), 'job.catchUpWithinMs', 'from 0'],
  ['an unknown guard scope', job({ guardScope: 'global' }), 'job.guardScope', "'resource'"],
  ['an empty resource id', job({ resourceId: '' }), 'job.resourceId', 'not empty'],
  ['an unknown time zone of a job', job({ timezone: 'Mars/Olympus' }), 'job.timezone', 'IANA'],
  ['an unknown time zone of a window', window({ timezone: 'Mars/Olympus' }), 'timeWindow.timezone', 'IANA'],
  ['an unknown weekday', window({ weekdays: ['monday'] }), 'timeWindow.weekdays[0]', 'mon, tue'],
  ['no weekdays', window({ weekdays: [] }), 'timeWindow.weekdays', 'at least one'],
  ['no segments', segments(), 'timeWindow.segments', 'at least one'],
  ['a segment without end', segments({ start: '09:00' }), 'timeWindow.segments[0].end', 'a time from'],
  [
    'a malformed time of day',
    segments({ start: '9:00', end: '10:00' }),
    'timeWindow.segments[0].start',
    'a time from',
  ],
  ['25:00', segments({ start: '09:00', end: '25:00' }), 'timeWindow.segments[0].end', 'a time from'],
  [
    '24:00 as a start',
    segments({ start: '24:00', end: '10:00' }),
    'timeWindow.segments[0].start',
    'a time from',
  ],
  ['an empty segment', segments({ start: '09:00', end: '09:00' }), 'timeWindow.segments[0]', ''],
  ['an unknown window option', window({ days: [] }), 'timeWindow.days', 'weekdays'],
  ['an interval of 0', () => every(0), 'every.interval', ''],
  ['a negative interval', () => every(-1), 'every.interval', ''],
  ['no seconds', () => every({ seconds: 0 }), 'every.interval', 'in all, not 0'],
  ['an interval NaN', () => every(Number.NaN), 'every.interval', ''],
  ['an infinite interval', () => every(Number.POSITIVE_INFINITY), 'every.interval', ''],
  ['a fractional interval', () => every(0.5), 'every.interval', ''],
  ['an absurd interval', () => every(1e18), 'every.interval', ''],
  ['an interval without parts', () => every({}), 'every.interval', ''],
  ['an unknown part', () => every({ days: 1 } as never), 'every.interval.days', 'minutes'],
  ['a negative part', () => every({ minutes: -1 }), 'every.interval.minutes', ''],
  ['an interval as text', () => every('5s' as never), 'every.interval', ''],
  ['an invalid anchor', () => every(5, { anchor: new Date('x') }), 'every.anchor', 'a valid Date'],
  ['times that are no list', () => atTimes(new Date() as never), 'atTimes.times', 'array'],
  ['an invalid time', () => atTimes([new Date(0), new Date('x')]), 'atTimes.times[1]', 'a valid Date'],
  ['scheduler options that are no object', scheduler(5), 'scheduler', 'an object'],
  ['an unknown scheduler option', scheduler({ storage: {} }), 'scheduler.storage', 'store'],
  ['an unknown time zone', scheduler({ timezone: 'Nowhere' }), 'scheduler.timezone', 'IANA'],
  ['a negative historyLimit', scheduler({ historyLimit: -1 }), 'scheduler.historyLimit', 'from 0'],
  ['a negative lateToleranceMs', scheduler({ lateToleranceMs: -1 }), 'scheduler.lateToleranceMs', 'from 0'],
  [
    'an unknown terminalStatePolicy',
    scheduler({ terminalStatePolicy: 'keep' }),
    'scheduler.terminalStatePolicy',
    "'retain'",
  ],
  [
    'an unknown onStoreUnavailable',
    scheduler({ onStoreUnavailable: 'die' }),
    'scheduler.onStoreUnavailable',
    "'wait'",
  ],
  [
    'a store without save',
    scheduler({ store: { ...store, save: undefined } }),
    'scheduler.store.save',
    'load, save, delete',
  ],
  [
    'a store that does not say whether it is shared',
    scheduler({ store: { ...store, shared: undefined } }),
    'scheduler.store.shared',
    'true or false',
  ],
  [
    'a guard without renew',
    scheduler({ guard: { acquire: method, release: method } }),
    'scheduler.guard.renew',
    'acquire, renew, release',
  ],
  [
    'observers that are no list',
    scheduler({ observers: { onEvent: method } }),
    'scheduler.observers',
    'an array',
  ],
  [
    'an observer without onEvent',
    scheduler({ observers: [{}] }),
    'scheduler.observers[0].onEvent',
    'onEvent',
  ],
  [
    'a clock without timers',
    scheduler({ clock: { now: method, monotonic: method } }),
    'scheduler.clock.setTimer',
    'setTimer',
  ],
  [
    'a job that defineJob did not make',
    () => new Scheduler().start({ id: 'job' } as never),
    'job',
    'defineJob',
  ],
  [
    'a negative grace',
    () => new Scheduler().start(job({})()).shutdown({ graceMs: -1 }),
    'shutdown.graceMs',
    'from 0',
  ],
  [
    'an unknown pause scope',
    () => new Scheduler().start(job({})()).pause({ scope: 'all' as never }),
    'pause.scope',
    "'shared'",
  ],
  [
    'a preview of -1',
    () => nextOccurrences(every(5), { count: -1 }),
    'nextOccurrences.count',
    'a whole number',
  ],
];

describe('bad input', () => {
  it.each(CASES)('%s', async (_, write, option, allowed) => {
    const thrown = await Promise.resolve()
      .then(write)
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(thrown).toBeInstanceOf(core.InvalidOptionError);
    expect(thrown).toMatchObject({ code: 'ERR_INVALID_OPTION', option });
    expect((thrown as core.InvalidOptionError).allowed).toContain(allowed);
    expect((thrown as Error).message).toMatch(/^Invalid option \S+: received .+, allowed is .+/);
  });

  it('an id that runs already', () => {
    const twice = new Scheduler();
    const one = defineJob({ id: 'job', schedule: every(1_000_000), task });
    const handle = twice.start(one);
    expect(() => twice.start(one)).toThrow(
      expect.objectContaining({ code: 'ERR_DUPLICATE_JOB', jobId: 'job' }),
    );
    return handle.cancel();
  });

  it('a scheduler that was shut down', async () => {
    const stopped = new Scheduler();
    await stopped.shutdown();
    expect(() => stopped.start(defineJob({ id: 'job', schedule: every(1_000), task }))).toThrow(
      expect.objectContaining({ code: 'ERR_SCHEDULER_STOPPED' }),
    );
  });
});
