import { InvalidOptionError } from './errors.js';
import type { Job, JobOptions } from './job.js';
import {
  checkInteger,
  checkLiteral,
  checkMethods,
  checkOptionNames,
  checkText,
  checkTimezone,
} from './options.js';
import { compileTimeWindow } from './policy/time-window.js';

const BRAND = Symbol.for('@cloudiful-scheduler/job');
const OPTION_NAMES = [
  'id',
  'schedule',
  'task',
  'deps',
  'missedRunPolicy',
  'overlapPolicy',
  'interruptedRunPolicy',
  'maxInterruptedReruns',
  'timezone',
  'timeWindow',
  'maxRuns',
  'replayLimit',
  'catchUpWithinMs',
  'guardScope',
  'resourceId',
] as const satisfies readonly (keyof JobOptions)[];

/**
 * Checks the definition of a job and fills in the defaults. The result is frozen; start it with
 * `scheduler.start(job)`. `{ ...job, id: 'another' }` defines one more job like it.
 *
 * @throws InvalidOptionError that names the option, the value received and what is allowed.
 * @example
 * ```ts
 * const job = defineJob({
 *   id: 'refresh-prices',
 *   schedule: every({ minutes: 5 }),
 *   deps: { market: 'A-share' },
 *   task: async ({ run, deps, signal }) => refresh(deps.market, run.scheduledAt, signal),
 * });
 * ```
 */
export function defineJob<Deps = undefined>(
  options: JobOptions<Deps> & (undefined extends Deps ? unknown : { readonly deps: Deps }),
): Job<Deps>;
/** As above, for `deps` whose type is not known yet. */
export function defineJob<Deps>(options: JobOptions<Deps> & { readonly deps: Deps }): Job<Deps>;
export function defineJob<Deps>(options: JobOptions<Deps>): Job<Deps> {
  checkOptionNames('job', options, OPTION_NAMES);
  return Object.freeze(new DefinedJob(options));
}

/** Refuses what {@link defineJob} did not make, from whichever copy of this package. */
export function checkJob(job: unknown): void {
  if (typeof job !== 'object' || job === null || (job as { [BRAND]?: unknown })[BRAND] !== true) {
    throw new InvalidOptionError('job', job, 'a job made by defineJob()');
  }
}

class DefinedJob<Deps> implements Job<Deps> {
  readonly id;
  readonly schedule;
  readonly task;
  readonly deps;
  readonly missedRunPolicy;
  readonly overlapPolicy;
  readonly interruptedRunPolicy;
  readonly maxInterruptedReruns;
  // Only declared, so that a job without it is not larger for it.
  declare readonly timezone?: string;
  readonly timeWindow;
  readonly maxRuns;
  readonly replayLimit;
  readonly catchUpWithinMs;
  readonly guardScope;
  readonly resourceId;

  constructor(options: JobOptions<Deps>) {
    this.id = checkText('job.id', options.id);
    checkMethods(
      'job.schedule',
      options.schedule,
      ['first', 'next'],
      "a schedule, such as every({ minutes: 5 }) or cron('* * * * *'),",
    );
    checkText('job.schedule.kind', options.schedule.kind);
    checkText('job.schedule.fingerprint', options.schedule.fingerprint);
    this.schedule = options.schedule;
    if (typeof options.task !== 'function')
      throw new InvalidOptionError('job.task', options.task, 'a function');
    this.task = options.task;
    this.deps = options.deps as Deps;
    this.missedRunPolicy = checkLiteral(
      'job.missedRunPolicy',
      options.missedRunPolicy,
      ['skip', 'catch_up_once', 'replay_all'],
      'catch_up_once',
    );
    this.overlapPolicy = checkLiteral(
      'job.overlapPolicy',
      options.overlapPolicy,
      ['forbid', 'queue_one', 'allow_parallel'],
      'forbid',
    );
    this.interruptedRunPolicy = checkLiteral(
      'job.interruptedRunPolicy',
      options.interruptedRunPolicy,
      ['rerun', 'skip'],
      'rerun',
    );
    const { maxInterruptedReruns = 3, replayLimit = 1_000 } = options;
    this.maxInterruptedReruns = checkInteger('job.maxInterruptedReruns', maxInterruptedReruns, 0);
    this.timeWindow = options.timeWindow === undefined ? undefined : compileTimeWindow(options.timeWindow);
    this.maxRuns =
      options.maxRuns === undefined ? undefined : checkInteger('job.maxRuns', options.maxRuns, 0);
    this.replayLimit = checkInteger('job.replayLimit', replayLimit, 1, 1_000_000);
    this.catchUpWithinMs =
      options.catchUpWithinMs === undefined
        ? undefined
        : checkInteger('job.catchUpWithinMs', options.catchUpWithinMs, 0);
    this.guardScope = checkLiteral(
      'job.guardScope',
      options.guardScope,
      ['occurrence', 'resource'],
      'occurrence',
    );
    this.resourceId =
      options.resourceId === undefined ? this.id : checkText('job.resourceId', options.resourceId);
    if (options.timezone !== undefined) this.timezone = checkTimezone('job.timezone', options.timezone);
  }
}

Object.defineProperty(DefinedJob.prototype, BRAND, { value: true });
