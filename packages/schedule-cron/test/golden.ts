import type { DaylightSaving } from '../src/index.js';

/** What an expression must give, worked out by hand from the rules and the change that `change` tells of. */
export interface GoldenRow {
  readonly zone: string;
  /** What the clocks do, in local time. */
  readonly change: string;
  readonly expression: string;
  readonly rules?: DaylightSaving;
  /** Where it is asked from, with the offset that holds there. */
  readonly after: string;
  /** The occurrences that follow, with the offset that holds there. */
  readonly runs: readonly string[];
  readonly why: string;
}

const NEW_YORK = { zone: 'America/New_York' };
const NEW_YORK_GAP = { ...NEW_YORK, change: '9 March 2025: 02:00 becomes 03:00' };
const NEW_YORK_OVERLAP = { ...NEW_YORK, change: '2 November 2025: 02:00 becomes 01:00' };
const LONDON_GAP = { zone: 'Europe/London', change: '30 March 2025: 01:00 becomes 02:00' };
const LONDON_OVERLAP = { zone: 'Europe/London', change: '26 October 2025: 02:00 becomes 01:00' };
const BERLIN_GAP = { zone: 'Europe/Berlin', change: '30 March 2025: 02:00 becomes 03:00' };
const BERLIN_OVERLAP = { zone: 'Europe/Berlin', change: '26 October 2025: 03:00 becomes 02:00' };
const LORD_HOWE_GAP = { zone: 'Australia/Lord_Howe', change: '5 October 2025: 02:00 becomes 02:30' };
const LORD_HOWE_OVERLAP = { zone: 'Australia/Lord_Howe', change: '6 April 2025: 02:00 becomes 01:30' };
const SAO_PAULO_GAP = { zone: 'America/Sao_Paulo', change: '4 November 2018: 00:00 becomes 01:00' };
const SAO_PAULO_OVERLAP = {
  zone: 'America/Sao_Paulo',
  change: '17 February 2019: 00:00 becomes 23:00 of the day before',
};
const CAIRO_GAP = { zone: 'Africa/Cairo', change: '28 April 2023: 00:00 becomes 01:00' };
const CAIRO_OVERLAP = {
  zone: 'Africa/Cairo',
  change: '27 October 2023: 00:00 becomes 23:00 of the day before',
};
const TEHRAN_GAP = { zone: 'Asia/Tehran', change: '22 March 2022: 00:00 becomes 01:00' };
const TEHRAN_OVERLAP = {
  zone: 'Asia/Tehran',
  change: '22 September 2022: 00:00 becomes 23:00 of the day before',
};
const APIA = { zone: 'Pacific/Apia', change: '30 December 2011 is left out' };
const CASABLANCA_OVERLAP = {
  zone: 'Africa/Casablanca',
  change: '23 February 2025 (Ramadan): 03:00 becomes 02:00',
};
const CASABLANCA_GAP = { zone: 'Africa/Casablanca', change: '6 April 2025: 02:00 becomes 03:00' };
const TROLL_GAP = { zone: 'Antarctica/Troll', change: '30 March 2025: 01:00 becomes 03:00' };
const TROLL_OVERLAP = { zone: 'Antarctica/Troll', change: '26 October 2025: 03:00 becomes 01:00' };
const KATHMANDU = { zone: 'Asia/Kathmandu', change: '1 January 1986: 00:00 becomes 00:15' };
const SHANGHAI_GAP = { zone: 'Asia/Shanghai', change: '14 April 1991: 02:00 becomes 03:00' };
const SHANGHAI_OVERLAP = { zone: 'Asia/Shanghai', change: '15 September 1991: 02:00 becomes 01:00' };
const UTC = { zone: 'UTC', change: 'none' };

/** The golden table. */
export const GOLDEN: readonly GoldenRow[] = [
  {
    ...NEW_YORK_GAP,
    expression: '30 2 * * *',
    after: '2025-03-08T00:00-05:00',
    runs: ['2025-03-08T02:30-05:00', '2025-03-09T03:00-04:00', '2025-03-10T02:30-04:00'],
    why: '02:30 does not exist: it runs at the first instant after the gap',
  },
  {
    ...NEW_YORK_GAP,
    expression: '*/15 2 * * *',
    after: '2025-03-09T00:00-05:00',
    runs: ['2025-03-09T03:00-04:00', '2025-03-10T02:00-04:00'],
    why: 'four times fall into the gap and run once together',
  },
  {
    ...NEW_YORK_GAP,
    expression: '0,30 2-3 * * *',
    after: '2025-03-09T00:00-05:00',
    runs: ['2025-03-09T03:00-04:00', '2025-03-09T03:30-04:00', '2025-03-10T02:00-04:00'],
    why: 'the made-up run and the regular one at 03:00 are one',
  },
  {
    ...NEW_YORK_GAP,
    expression: '30 * * * *',
    after: '2025-03-09T00:45-05:00',
    runs: ['2025-03-09T01:30-05:00', '2025-03-09T03:30-04:00'],
    why: 'elapsed time: one hour later by the clock of UTC, nothing to make up',
  },
  {
    ...NEW_YORK_GAP,
    expression: '0 */2 * * *',
    after: '2025-03-09T00:00-05:00',
    runs: ['2025-03-09T04:00-04:00', '2025-03-09T06:00-04:00'],
    why: 'a step of * makes nothing up for 02:00',
  },
  {
    ...NEW_YORK_GAP,
    expression: '0 0-23/2 * * *',
    after: '2025-03-09T00:00-05:00',
    runs: ['2025-03-09T03:00-04:00', '2025-03-09T04:00-04:00'],
    why: 'a range has fixed hours, also when it spans the day',
  },
  {
    ...NEW_YORK_GAP,
    expression: '30 2 * * *',
    rules: { gap: 'skip' },
    after: '2025-03-08T12:00-05:00',
    runs: ['2025-03-10T02:30-04:00'],
    why: 'skip: it does not run on that day',
  },
  {
    ...NEW_YORK_GAP,
    expression: '15,45 2 * * *',
    rules: { gap: 'shift' },
    after: '2025-03-08T12:00-05:00',
    runs: ['2025-03-09T03:15-04:00', '2025-03-09T03:45-04:00', '2025-03-10T02:15-04:00'],
    why: 'shift: each runs later by the length of the gap',
  },
  {
    ...NEW_YORK_OVERLAP,
    expression: '30 1 * * *',
    after: '2025-11-01T12:00-04:00',
    runs: ['2025-11-02T01:30-04:00', '2025-11-03T01:30-05:00'],
    why: '01:30 exists twice and runs at the first',
  },
  {
    ...NEW_YORK_OVERLAP,
    expression: '30 1 * * *',
    after: '2025-11-02T01:10-05:00',
    runs: ['2025-11-03T01:30-05:00'],
    why: 'asked from inside the repeated hour it does not run again',
  },
  {
    ...NEW_YORK_OVERLAP,
    expression: '30 1 * * *',
    rules: { overlap: 'second' },
    after: '2025-11-01T12:00-04:00',
    runs: ['2025-11-02T01:30-05:00', '2025-11-03T01:30-05:00'],
    why: 'second: it runs when the time comes again',
  },
  {
    ...NEW_YORK_OVERLAP,
    expression: '30 1 * * *',
    rules: { overlap: 'both' },
    after: '2025-11-01T12:00-04:00',
    runs: ['2025-11-02T01:30-04:00', '2025-11-02T01:30-05:00', '2025-11-03T01:30-05:00'],
    why: 'both: it runs both times',
  },
  {
    ...NEW_YORK_OVERLAP,
    expression: '*/30 * * * *',
    after: '2025-11-02T00:45-04:00',
    runs: [
      '2025-11-02T01:00-04:00',
      '2025-11-02T01:30-04:00',
      '2025-11-02T01:00-05:00',
      '2025-11-02T01:30-05:00',
      '2025-11-02T02:00-05:00',
    ],
    why: 'elapsed time: every half hour in both halves of the repeated hour',
  },
  {
    ...LONDON_GAP,
    expression: '0 1 * * Sun',
    after: '2025-03-24T00:00Z',
    runs: ['2025-03-30T02:00+01:00', '2025-04-06T01:00+01:00'],
    why: 'the weekly run is made up on the day of the gap',
  },
  {
    ...LONDON_OVERLAP,
    expression: '0,30 1 26 10 *',
    after: '2025-10-26T00:00+01:00',
    runs: ['2025-10-26T01:00+01:00', '2025-10-26T01:30+01:00', '2026-10-26T01:00Z'],
    why: 'a yearly pair runs once each',
  },
  {
    ...BERLIN_GAP,
    expression: '0 2 * * *',
    after: '2025-03-29T12:00+01:00',
    runs: ['2025-03-30T03:00+02:00', '2025-03-31T02:00+02:00'],
    why: 'the first minute of the gap is in it',
  },
  {
    ...BERLIN_GAP,
    expression: '0 3 * * *',
    after: '2025-03-29T12:00+01:00',
    runs: ['2025-03-30T03:00+02:00', '2025-03-31T03:00+02:00'],
    why: 'the first minute after the gap is not',
  },
  {
    ...BERLIN_OVERLAP,
    expression: '0 2,3 * * *',
    after: '2025-10-26T00:00+02:00',
    runs: ['2025-10-26T02:00+02:00', '2025-10-26T03:00+01:00', '2025-10-27T02:00+01:00'],
    why: '02:00 exists twice, 03:00 once, after the change',
  },
  {
    ...LORD_HOWE_GAP,
    expression: '15 2 * * *',
    after: '2025-10-04T12:00+10:30',
    runs: ['2025-10-05T02:30+11:00', '2025-10-06T02:15+11:00'],
    why: 'half an hour is left out',
  },
  {
    ...LORD_HOWE_GAP,
    expression: '15,45 * * * *',
    after: '2025-10-05T01:30+10:30',
    runs: ['2025-10-05T01:45+10:30', '2025-10-05T02:45+11:00', '2025-10-05T03:15+11:00'],
    why: 'elapsed time makes nothing up for 02:15',
  },
  {
    ...LORD_HOWE_OVERLAP,
    expression: '15,45 1 * * *',
    after: '2025-04-06T00:00+11:00',
    runs: ['2025-04-06T01:15+11:00', '2025-04-06T01:45+11:00', '2025-04-07T01:15+10:30'],
    why: 'only half an hour is repeated: 01:45 exists twice, 01:15 once',
  },
  {
    ...LORD_HOWE_OVERLAP,
    expression: '15,45 * * * *',
    after: '2025-04-06T01:00+11:00',
    runs: [
      '2025-04-06T01:15+11:00',
      '2025-04-06T01:45+11:00',
      '2025-04-06T01:45+10:30',
      '2025-04-06T02:15+10:30',
    ],
    why: 'elapsed time runs at both 01:45',
  },
  {
    ...SAO_PAULO_GAP,
    expression: '0 0 * * *',
    after: '2018-11-03T12:00-03:00',
    runs: ['2018-11-04T01:00-02:00', '2018-11-05T00:00-02:00'],
    why: 'midnight does not exist',
  },
  {
    ...SAO_PAULO_GAP,
    expression: '30 0 4 11 *',
    rules: { gap: 'skip' },
    after: '2018-11-03T12:00-03:00',
    runs: ['2019-11-04T00:30-03:00'],
    why: 'skip: a yearly run waits for the next year',
  },
  {
    ...SAO_PAULO_OVERLAP,
    expression: '30 23 * * Sat',
    after: '2019-02-16T12:00-02:00',
    runs: ['2019-02-16T23:30-02:00', '2019-02-23T23:30-03:00'],
    why: 'the last hour of Saturday exists twice',
  },
  {
    ...SAO_PAULO_OVERLAP,
    expression: '0 0 * * *',
    after: '2019-02-16T12:00-02:00',
    runs: ['2019-02-17T00:00-03:00', '2019-02-18T00:00-03:00'],
    why: 'midnight comes once, an hour later',
  },
  {
    ...CAIRO_GAP,
    expression: '0 0 * * Fri',
    after: '2023-04-27T12:00+02:00',
    runs: ['2023-04-28T01:00+03:00', '2023-05-05T00:00+03:00'],
    why: 'midnight does not exist',
  },
  {
    ...CAIRO_OVERLAP,
    expression: '59 23 * * *',
    after: '2023-10-26T12:00+03:00',
    runs: ['2023-10-26T23:59+03:00', '2023-10-27T23:59+02:00'],
    why: 'the last minute of the day exists twice',
  },
  {
    ...TEHRAN_GAP,
    expression: '45 0 * * *',
    after: '2022-03-21T12:00+03:30',
    runs: ['2022-03-22T01:00+04:30', '2022-03-23T00:45+04:30'],
    why: 'an offset of half an hour and a gap at midnight',
  },
  {
    ...TEHRAN_OVERLAP,
    expression: '0 23 * * *',
    after: '2022-09-21T12:00+04:30',
    runs: ['2022-09-21T23:00+04:30', '2022-09-22T23:00+03:30'],
    why: 'the first of the two 23:00',
  },
  {
    ...APIA,
    expression: '0 12 * * *',
    after: '2011-12-29T00:00-10:00',
    runs: ['2011-12-29T12:00-10:00', '2011-12-31T00:00+14:00', '2011-12-31T12:00+14:00'],
    why: 'noon of the missing date runs at the first instant after it',
  },
  {
    ...APIA,
    expression: '*/10 8-18 30 12 *',
    after: '2011-12-29T00:00-10:00',
    runs: ['2011-12-31T00:00+14:00', '2012-12-30T08:00+14:00'],
    why: 'a whole day of times runs once',
  },
  {
    ...APIA,
    expression: '0 12 * * *',
    rules: { gap: 'shift' },
    after: '2011-12-29T12:00-10:00',
    runs: ['2011-12-31T12:00+14:00', '2012-01-01T12:00+14:00'],
    why: 'shifted by the length of the gap, a day, it meets the next one',
  },
  {
    ...CASABLANCA_OVERLAP,
    expression: '30 2 * * *',
    after: '2025-02-22T12:00+01:00',
    runs: ['2025-02-23T02:30+01:00', '2025-02-24T02:30Z'],
    why: 'clocks go back for Ramadan',
  },
  {
    ...CASABLANCA_GAP,
    expression: '30 2 * * *',
    after: '2025-04-05T12:00Z',
    runs: ['2025-04-06T03:00+01:00', '2025-04-07T02:30+01:00'],
    why: 'and forward after it',
  },
  {
    ...TROLL_GAP,
    expression: '30 1,2 * * *',
    after: '2025-03-29T12:00Z',
    runs: ['2025-03-30T03:00+02:00', '2025-03-31T01:30+02:00', '2025-03-31T02:30+02:00'],
    why: 'a gap of two hours, both times run once together',
  },
  {
    ...TROLL_OVERLAP,
    expression: '30 1,2 * * *',
    after: '2025-10-25T12:00+02:00',
    runs: ['2025-10-26T01:30+02:00', '2025-10-26T02:30+02:00', '2025-10-27T01:30Z'],
    why: 'two hours are repeated, nothing runs twice',
  },
  {
    ...KATHMANDU,
    expression: '10 0 * * *',
    after: '1985-12-31T12:00+05:30',
    runs: ['1986-01-01T00:15+05:45', '1986-01-02T00:10+05:45'],
    why: 'a quarter of an hour was left out for good',
  },
  {
    zone: 'Asia/Kathmandu',
    change: 'none',
    expression: '0 9 * * Mon-Fri',
    after: '2025-01-03T10:00+05:45',
    runs: ['2025-01-06T09:00+05:45', '2025-01-07T09:00+05:45'],
    why: 'an offset with a quarter of an hour',
  },
  {
    ...SHANGHAI_GAP,
    expression: '30 2 * * *',
    after: '1991-04-13T12:00+08:00',
    runs: ['1991-04-14T03:00+09:00', '1991-04-15T02:30+09:00'],
    why: 'China had daylight saving until 1991',
  },
  {
    ...SHANGHAI_OVERLAP,
    expression: '*/30 1 * * *',
    after: '1991-09-15T00:00+09:00',
    runs: ['1991-09-15T01:00+09:00', '1991-09-15T01:30+09:00', '1991-09-16T01:00+08:00'],
    why: 'each once, at the first',
  },
  {
    zone: 'Asia/Shanghai',
    change: 'none',
    expression: '*/5 9-15 * * Mon-Fri',
    after: '2025-01-03T15:50+08:00',
    runs: ['2025-01-03T15:55+08:00', '2025-01-06T09:00+08:00'],
    why: 'over the weekend',
  },
  {
    ...UTC,
    expression: '0 0 29 2 *',
    after: '2096-01-01T00:00Z',
    runs: ['2096-02-29T00:00Z', '2104-02-29T00:00Z', '2108-02-29T00:00Z'],
    why: '2100 is no leap year',
  },
  {
    ...UTC,
    expression: '0 0 31 * *',
    after: '2025-01-31T00:00Z',
    runs: ['2025-03-31T00:00Z', '2025-05-31T00:00Z', '2025-07-31T00:00Z', '2025-08-31T00:00Z'],
    why: 'months without a 31st are passed over',
  },
  {
    ...UTC,
    expression: '0 0 13 * Fri',
    after: '2025-06-06T00:00Z',
    runs: [
      '2025-06-13T00:00Z',
      '2025-06-20T00:00Z',
      '2025-06-27T00:00Z',
      '2025-07-04T00:00Z',
      '2025-07-11T00:00Z',
      '2025-07-13T00:00Z',
    ],
    why: 'both days restricted: either is enough',
  },
  {
    ...UTC,
    expression: '0 0 * * 7',
    after: '2025-06-07T00:00Z',
    runs: ['2025-06-08T00:00Z', '2025-06-15T00:00Z'],
    why: '7 is Sunday, as is 0',
  },
  {
    ...UTC,
    expression: '59 23 31 Dec *',
    after: '2024-12-31T23:59Z',
    runs: ['2025-12-31T23:59Z'],
    why: 'strictly after the instant that it is asked from',
  },
];

/** The table as the guide shows it. */
export function goldenMarkdown(): string {
  const rows = GOLDEN.map(({ zone, change, expression, rules, after, runs, why }) => {
    const rule =
      rules === undefined
        ? ''
        : `, ${Object.entries(rules)
            .map(([name, value]) => `\`${name}: '${value}'\``)
            .join(', ')}`;
    const cells = [
      `${zone}<br>${change}`,
      `\`${expression.replaceAll('|', '\\|')}\`${rule}`,
      after,
      runs.join('<br>'),
      why,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| zone and change | expression | asked from | runs | why |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
