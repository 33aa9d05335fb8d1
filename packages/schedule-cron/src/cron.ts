import { InvalidOptionError, type Schedule } from '@cloudiful-scheduler/core';
import { CronSchedule } from './cron-schedule.js';
import type { DaylightSaving } from './daylight-saving.js';
import { parseExpression } from './expression.js';
import { zoneOf } from './zone.js';

/** Options of {@link cron}. */
export interface CronOptions {
  /** IANA name of the time zone that the expression is meant in. Default that of the job, else of the scheduler. */
  readonly timezone?: string | undefined;
  /** What happens to fixed times that a change of the offset skips or repeats. */
  readonly daylightSaving?: DaylightSaving | undefined;
}

const GAP_RULES = ['next_instant', 'skip', 'shift'] as const;
const OVERLAP_RULES = ['first', 'second', 'both'] as const;

/**
 * A schedule by a cron expression of five fields: minute (0–59), hour (0–23), day of month (1–31),
 * month (1–12 or Jan–Dec) and day of week (0–7 or Sun–Sat; 0 and 7 are Sunday). A field is `*`, a value,
 * a range `a-b`, either with a step `/n` (`a/n` runs to the end of the field), or a list of these; names
 * in any case. When both days are restricted, that is not `*`, either is enough. `L`, `W`, `#`, `?`, `H`,
 * seconds, years and nicknames such as `@daily` are refused.
 *
 * It is evaluated in `options.timezone`, else in the time zone of the job or the scheduler. An hour of `*` or `*` with a
 * step follows elapsed time: it runs in both halves of a repeated hour and makes nothing up after a
 * gap. All other hours are fixed: by default what a gap skips runs once at the first instant after it,
 * and what exists twice runs once, at the first. `options.daylightSaving` chooses another custom for
 * fixed hours.
 *
 * @param expression - At most 256 characters.
 * @throws InvalidOptionError for anything that is not such an expression, for one that names no day that
 * exists (30 February), an unknown time zone or an unknown option.
 * @example
 * ```ts
 * cron('0 9-15 * * Mon-Fri', { timezone: 'Asia/Shanghai' });
 * cron('30 2 * * *', { timezone: 'America/New_York', daylightSaving: { gap: 'skip' } });
 * ```
 */
export function cron(expression: string, options: CronOptions = {}): Schedule {
  const { fields, normalised } = parseExpression(expression);
  checkNames('cron.options', options, ['timezone', 'daylightSaving']);
  const { timezone, daylightSaving = {} } = options;
  checkNames('cron.daylightSaving', daylightSaving, ['gap', 'overlap']);
  const gap = checkRule('cron.daylightSaving.gap', daylightSaving.gap, GAP_RULES);
  const overlap = checkRule('cron.daylightSaving.overlap', daylightSaving.overlap, OVERLAP_RULES);
  const zone = timezone === undefined ? undefined : zoneOf(timezone, 'cron.timezone');
  const inZone = timezone === undefined ? '' : ` in ${timezone}`;
  const byGap = gap === 'next_instant' ? '' : ` gap ${gap}`;
  const byOverlap = overlap === 'first' ? '' : ` overlap ${overlap}`;
  return new CronSchedule({
    fields,
    fingerprint: `cron ${normalised}${inZone}${byGap}${byOverlap}`,
    zone,
    gap,
    overlap,
  });
}

function checkNames(path: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(path, options, 'an object');
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const received = (options as Record<string, unknown>)[name];
      throw new InvalidOptionError(`${path}.${name}`, received, `one of ${known.join(', ')}`);
    }
  }
}

/** One of `rules`; the first of them when nothing is given. */
function checkRule<T extends string>(path: string, rule: T | undefined, rules: readonly [T, ...T[]]): T {
  if (rule === undefined) return rules[0];
  if (!rules.includes(rule)) {
    throw new InvalidOptionError(path, rule, `one of ${rules.map((one) => `'${one}'`).join(', ')}`);
  }
  return rule;
}
