import type { InterruptedRunPolicy, MissedRunPolicy, OverlapPolicy } from '@cloudiful-scheduler/core';

/** What the reader has chosen, as it stands in the controls: nothing is checked yet. */
export interface Settings {
  readonly schedule: 'every' | 'cron' | 'times';
  /** Seconds. */
  readonly interval: string;
  readonly cron: string;
  /** Times of day, separated by commas. */
  readonly times: string;
  /** Seconds. */
  readonly task: string;
  readonly missed: MissedRunPolicy;
  readonly overlap: OverlapPolicy;
  readonly interrupted: InterruptedRunPolicy;
  readonly outage: 'none' | 'crash' | 'stop';
  readonly from: string;
  readonly to: string;
  readonly instances: '1' | '2' | '3';
  /** Which instances the outage concerns: all of them, or the one with this number. */
  readonly affected: 'all' | '1' | '2' | '3';
  /** Stretches such as `09:00-12:00`, separated by commas; empty for no window. */
  readonly window: string;
  readonly start: string;
  /** Minutes. */
  readonly span: string;
  readonly zone: string;
}

export type Field = keyof Settings;

/** What the page begins with. */
export const DEFAULTS: Settings = {
  schedule: 'every',
  interval: '300',
  cron: '*/10 9-17 * * Mon-Fri',
  times: '09:10, 09:15, 09:40',
  task: '90',
  missed: 'catch_up_once',
  overlap: 'forbid',
  interrupted: 'rerun',
  outage: 'stop',
  from: '09:17',
  to: '09:38',
  instances: '1',
  affected: 'all',
  window: '',
  start: '2026-03-02T09:00',
  span: '60',
  zone: 'UTC',
};

export const FIELDS = Object.keys(DEFAULTS) as Field[];

/** The settings as the hash of an address; what is as at the beginning is left out. */
export function toHash(settings: Settings): string {
  const changed = FIELDS.filter((field) => settings[field] !== DEFAULTS[field]);
  return new URLSearchParams(changed.map((field) => [field, settings[field]])).toString();
}

/** The settings of a hash; unknown names are ignored. The controls refuse values that they do not have. */
export function fromHash(hash: string): Settings {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const known = FIELDS.map((field) => [field, given.get(field) ?? DEFAULTS[field]]);
  return Object.fromEntries(known);
}
