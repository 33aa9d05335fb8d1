import {
  atTimes,
  every,
  isSchedulerError,
  type InvalidOptionError,
  type Schedule,
} from '@cloudiful-scheduler/core';
import {
  instantOf,
  type Outage,
  type Scenario,
  TooManyOccurrencesError,
} from '@cloudiful-scheduler/docs-timeline';
import { cron } from '@cloudiful-scheduler/schedule-cron';
import type { Field, Settings } from './settings.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 1_440 * MINUTE;

/** A setting that cannot be used, and why. */
class FieldError extends Error {
  constructor(
    readonly field: Field,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The scenario that the settings describe. What the library checks is left to it.
 *
 * @throws FieldError for what only this page asks for; the library's own errors for all else.
 */
export function scenarioOf(settings: Settings): Scenario {
  const { missed, overlap, interrupted, zone } = settings;
  const start = new Date(instantOf(settings.start, zone));
  if (Number.isNaN(start.getTime())) throw new FieldError('start', 'Enter a date and a time');
  const taskMs = numberIn(settings, 'task', 0) * SECOND;
  const segments = listOf(settings.window).map((stretch) => {
    const [from = '', to = ''] = stretch.split('-').map((part) => part.trim());
    return { start: from, end: to };
  });
  return {
    start,
    spanMs: numberIn(settings, 'span', 1) * MINUTE,
    schedule: scheduleOf(settings, start),
    taskMs,
    timezone: zone,
    missedRunPolicy: missed,
    overlapPolicy: overlap,
    interruptedRunPolicy: interrupted,
    timeWindow: segments.length === 0 ? undefined : { segments },
    instances: Number(settings.instances),
    outages: outagesOf(settings, start),
  };
}

/** The field that an error is about, whoever threw it; `undefined` when it is about none. */
export function fieldOf(error: unknown, { schedule }: Settings): Field | undefined {
  if (error instanceof FieldError) return error.field;
  if (error instanceof TooManyOccurrencesError) return 'span';
  if (!isSchedulerError(error, 'ERR_INVALID_OPTION')) return undefined;
  const { option } = error as InvalidOptionError;
  if (option.startsWith('timeWindow')) return 'window';
  return schedule === 'every' ? 'interval' : schedule;
}

/** Whether instances share the job: then all of them need the same store, guard and anchor. */
export function hasSeveralInstances({ instances }: Settings): boolean {
  return instances !== '1';
}

export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The instants of the times of day in `text`: each the first such time from the start on. */
export function instantsOf(text: string, start: Date, zone: string): Date[] {
  return listOf(text).map((time) => new Date(firstFrom(start, time, zone)));
}

function scheduleOf(settings: Settings, start: Date): Schedule {
  switch (settings.schedule) {
    case 'every':
      return every(
        numberIn(settings, 'interval', 0.001) * SECOND,
        hasSeveralInstances(settings) ? { anchor: new Date(0) } : undefined,
      );
    case 'cron':
      return cron(settings.cron);
    case 'times':
      return atTimes(instantsOf(settings.times, start, settings.zone));
  }
}

function outagesOf(settings: Settings, start: Date): Outage[] {
  const { outage, affected, zone } = settings;
  if (outage === 'none') return [];
  const [from, to] = (['from', 'to'] as const).map((field) => {
    const instant = firstFrom(start, settings[field].trim(), zone);
    if (Number.isNaN(instant)) throw new FieldError(field, 'Enter a time such as 09:17');
    return instant - start.getTime();
  }) as [number, number];
  if (to <= from) throw new FieldError('to', 'The process has to come back after it is gone');
  const instance = affected === 'all' ? undefined : Number(affected) - 1;
  return [{ fromMs: from, toMs: to, kind: outage, instance }];
}

function firstFrom(start: Date, time: string, zone: string): number {
  if (!/^\d\d?:\d\d(:\d\d)?$/.test(time)) return Number.NaN;
  const padded = time.padStart(time.indexOf(':') === 1 ? time.length + 1 : time.length, '0');
  const days = [-1, 0, 1, 2].map((day) => new Date(start.getTime() + day * DAY).toISOString().slice(0, 10));
  const candidates = days.map((day) => instantOf(`${day}T${padded}`, zone));
  return candidates.find((instant) => instant >= start.getTime()) ?? Number.NaN;
}

function numberIn(settings: Settings, field: 'interval' | 'task' | 'span', least: number): number {
  const text = settings[field].trim();
  const value = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value < least) throw new FieldError(field, `Enter a number from ${least}`);
  return value;
}
