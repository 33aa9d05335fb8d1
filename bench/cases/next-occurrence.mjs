import later from '@breejs/later';
import { cron } from '@cloudiful-scheduler/schedule-cron';
import { CronTime } from 'cron';
import { CronExpressionParser } from 'cron-parser';
import { Cron } from 'croner';

export const title = 'The next occurrence of a cron expression';
export const about = [
  'Asked from ever later instants of a year, for `*/5 9-15 * * 1-5` and for the rare `0 0 29 2 *`.',
];
export const columns = {
  utc: '`*/5 9-15 * * 1-5`, UTC, µs',
  shanghai: 'Asia/Shanghai, µs',
  newYork: 'America/New_York, µs',
  leap: '`0 0 29 2 *`, UTC, µs',
};
export const plot = { column: 'shanghai', better: 'less' };
export const rounds = 3;

const START = Date.UTC(2025, 0, 1);
const CALL_MS = 300;

/** Each gives a function from an instant to the next occurrence after it. */
const LIBRARIES = {
  ours(expression, timezone) {
    const schedule = cron(expression);
    const context = { timezone };
    return (after) => schedule.next(after, context);
  },
  croner(expression, timezone) {
    const job = new Cron(expression, { timezone, paused: true });
    return (after) => job.nextRun(new Date(after)).getTime();
  },
  'cron-parser'(expression, tz) {
    const parsed = CronExpressionParser.parse(expression, { tz });
    return (after) => {
      parsed.reset(new Date(after));
      return parsed.next().getTime();
    };
  },
  cron(expression, timezone) {
    const time = new CronTime(expression, timezone);
    return (after) => time.getNextDateFrom(new Date(after), timezone).toMillis();
  },
};

/** Knows no timezones but UTC. */
LIBRARIES['@breejs/later'] = (expression, timezone) => {
  if (timezone !== 'UTC') return undefined;
  const schedule = later.schedule(later.parse.cron(expression));
  return (after) => schedule.next(1, new Date(after + 1_000)).getTime();
};

export const contestants = Object.fromEntries(
  Object.entries(LIBRARIES).map(([label, make]) => [
    label,
    {
      measure: () => ({
        utc: timed(make, '*/5 9-15 * * 1-5', 'UTC'),
        shanghai: timed(make, '*/5 9-15 * * 1-5', 'Asia/Shanghai'),
        newYork: timed(make, '*/5 9-15 * * 1-5', 'America/New_York'),
        leap: timed(make, '0 0 29 2 *', 'UTC'),
      }),
    },
  ]),
);

/** Microseconds a call, after checking that the answers are those of ours. */
function timed(make, expression, timezone) {
  const next = make(expression, timezone);
  if (next === undefined) return undefined;
  const reference = LIBRARIES.ours(expression, timezone);
  for (let day = 0; day < 50; day += 1) {
    const after = START + day * 86_400_000;
    if (next(after) !== reference(after)) throw new Error(`Error: another answer from ${after}`);
  }
  let calls = 0;
  let sum = 0;
  const began = performance.now();
  let elapsed = 0;
  for (; elapsed < CALL_MS; calls += 1) {
    sum += next(START + ((calls * 7_919_000) % 31_536_000_000));
    if (calls % 8 === 0) elapsed = performance.now() - began;
  }
  // What nobody uses, a compiler may leave out.
  if (!(sum > 0)) throw new Error('Error: no answers');
  return (elapsed / calls) * 1_000;
}
