/*
 * Next occurrence, creation and memory, side by side with croner, cron-parser, cron and node-cron.
 * Run with `npm run bench` in this package after a build. It fails when a limit is missed.
 */

import { cron } from '@cloudiful-scheduler/schedule-cron';
import { CronTime } from 'cron';
import { CronExpressionParser } from 'cron-parser';
import { Cron } from 'croner';
import nodeCron from 'node-cron';

const EXPRESSIONS = ['*/5 * * * *', '0 3 * * 1-5', '*/5 9-15 * * 1-5', '0 0 29 2 *'];
const ZONES = ['UTC', 'Asia/Shanghai', 'America/New_York'];
const START = Date.UTC(2025, 0, 1);
const CALL_MS = 150;
const ROUNDS = 3;

/** Each gives a function from an instant to the next occurrence after it. */
const PEERS = {
  ours: (expression, timezone) => {
    const schedule = cron(expression);
    const context = { timezone };
    return (after) => schedule.next(after, context);
  },
  croner: (expression, timezone) => {
    const job = new Cron(expression, { timezone, paused: true });
    return (after) => job.nextRun(new Date(after)).getTime();
  },
  'cron-parser': (expression, tz) => {
    const parsed = CronExpressionParser.parse(expression, { tz });
    return (after) => {
      parsed.reset(new Date(after));
      return parsed.next().getTime();
    };
  },
  cron: (expression, timezone) => {
    const time = new CronTime(expression, timezone);
    return (after) => time.getNextDateFrom(new Date(after), timezone).toMillis();
  },
  'node-cron': nodeCronNext,
};

/** node-cron tells the next runs of a task that is not started only from the current time on. */
function nodeCronNext(expression, timezone) {
  const task = nodeCron.createTask(expression, () => {}, { timezone });
  return () => task.getNextRuns(1)[0].getTime();
}

/** Microseconds a call, the best of some rounds, asked from ever later instants. */
function measure(next) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    let calls = 0;
    const began = performance.now();
    let elapsed = 0;
    while (elapsed < CALL_MS) {
      next(START + ((calls * 7_919_000) % 31_536_000_000));
      calls += 1;
      if (calls % 8 === 0 || elapsed > CALL_MS / 2) elapsed = performance.now() - began;
    }
    best = Math.min(best, (elapsed / calls) * 1_000);
  }
  return best;
}

const rows = [];
for (const expression of EXPRESSIONS) {
  for (const zone of ZONES) {
    const row = { expression, zone };
    for (const [name, make] of Object.entries(PEERS)) {
      row[name] = Number(measure(make(expression, zone)).toFixed(2));
    }
    const peers = Object.keys(PEERS)
      .slice(1)
      .map((name) => row[name]);
    row['best peer / ours'] = Number((Math.min(...peers) / row.ours).toFixed(1));
    rows.push(row);
  }
}
console.log('next occurrence, µs a call');
console.table(rows);

const COUNT = 100_000;
/** Distinct expressions, of which every fourth has a list of random minutes. */
function expressionAt(index) {
  const random = (salt, below) => Math.abs(Math.imul(index + 1, 2_654_435_761 + salt) >> 8) % below;
  const minute =
    index % 4 === 0 ? `${random(1, 20)},${20 + random(2, 20)},${40 + random(3, 20)}` : `${index % 60}`;
  const hour = Math.floor(index / 60) % 24;
  const day = 1 + (Math.floor(index / 1_440) % 28);
  const month = 1 + (Math.floor(index / 40_320) % 12);
  return `${minute} ${hour} ${day} ${month} *`;
}

const { gc } = globalThis;
if (gc === undefined) throw new Error('The heap can only be measured with node --expose-gc');

function heapUsed() {
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

/** Creates `count` schedules; everything it made is garbage when it returns. */
function measureCreation(name, count, make) {
  const expressions = Array.from({ length: count }, (_, index) => expressionAt(index));
  const kept = Array.from({ length: count });
  const before = heapUsed();
  const began = performance.now();
  for (let index = 0; index < count; index += 1) kept[index] = make(expressions[index]);
  const each = ((performance.now() - began) / count) * 1_000;
  const bytes = (heapUsed() - before) / kept.length;
  return {
    name,
    schedules: count,
    'µs each': Number(each.toFixed(2)),
    'bytes each': Math.round(bytes),
  };
}

const timezone = 'Asia/Shanghai';
const created = [
  measureCreation('ours', COUNT, (expression) => cron(expression)),
  measureCreation('ours, own zone', COUNT, (expression) => cron(expression, { timezone })),
  measureCreation('croner', 5_000, (expression) => new Cron(expression, { timezone, paused: true })),
  measureCreation('cron-parser', 20_000, (expression) =>
    CronExpressionParser.parse(expression, { tz: timezone }),
  ),
  measureCreation('cron', 5_000, (expression) => new CronTime(expression, timezone)),
  measureCreation('node-cron', 5_000, (expression) =>
    nodeCron.createTask(expression, () => {}, { timezone }),
  ),
];
console.log('creating distinct expressions');
console.table(created);

const minutely = cron('* * * * *');
const due = ['UTC', 'America/New_York', 'Africa/Casablanca'].map((zone) => {
  const row = { zone };
  for (const column of ['first call, ms', 'second call, ms']) {
    const began = performance.now();
    const { count } = minutely.due(Date.UTC(2005, 0, 1), Date.UTC(2015, 0, 1), { timezone: zone });
    row[column] = Number((performance.now() - began).toFixed(3));
    row.occurrences = count;
  }
  return row;
});
console.log('ten years of missed minutes');
console.table(due);

const MOST_US = { UTC: 5, 'Asia/Shanghai': 10, 'America/New_York': 10 };
const missed = [
  ...rows.filter((row) => row.ours > MOST_US[row.zone] || row['best peer / ours'] <= 1),
  ...created.slice(0, 2).filter((row) => row['µs each'] > 30 || row['bytes each'] > 2_000),
  ...due.filter((row) => row['first call, ms'] > 20),
];
if (missed.length > 0) {
  console.error('limits that were missed');
  console.table(missed);
  process.exitCode = 1;
}
