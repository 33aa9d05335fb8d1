import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSchedulerError } from '../errors.js';
import type { JobState } from '../job-state.js';
import { decodeJobState, encodeJobState } from './job-state-codec.js';

const STATE: JobState = {
  jobId: 'ingest',
  triggerCount: 7,
  lastRunAt: new Date('2026-01-01T00:00:01.250Z'),
  lastSuccessAt: new Date('2026-01-01T00:00:02Z'),
  nextRunAt: new Date('2026-01-01T00:05:00Z'),
  lastError: undefined,
  lastScheduledAt: new Date('2026-01-01T00:00:00Z'),
  paused: false,
  inFlight: [
    {
      scheduledAt: new Date('2026-01-01T00:00:00Z'),
      catchUp: true,
      triggerCount: 7,
      attempt: 2,
      owner: 'a-1',
    },
  ],
  scheduleFingerprint: 'interval 300000',
};

describe('encodeJobState', () => {
  it('writes the promised record', () => {
    expect(encodeJobState(STATE)).toBe(
      '{"job_id":"ingest","trigger_count":7,"last_run_at":"2026-01-01T00:00:01.250Z",' +
        '"last_success_at":"2026-01-01T00:00:02.000Z","next_run_at":"2026-01-01T00:05:00.000Z","last_error":null,' +
        '"last_scheduled_at":"2026-01-01T00:00:00.000Z","paused":false,"in_flight":[{"scheduled_at":' +
        '"2026-01-01T00:00:00.000Z","catch_up":true,"trigger_count":7,"attempt":2,"owner":"a-1"}],' +
        '"schedule_fingerprint":"interval 300000","format_version":1}',
    );
  });

  it.each([
    ['an invalid date', { nextRunAt: new Date(Number.NaN) }],
    ['a fractional count', { triggerCount: 1.5 }],
    ['an empty id', { jobId: '' }],
    ['an entry without owner', { inFlight: [{ ...STATE.inFlight[0], owner: '' }] }],
    [
      'an entry that does not say whether it catches up',
      { inFlight: [{ ...STATE.inFlight[0], catchUp: 1 }] },
    ],
    ['an entry that is none', { inFlight: [undefined] }],
    ['no list of entries', { inFlight: undefined }],
    ['entries that are no list', { inFlight: 'none' }],
    ['an error that is no text', { lastError: { code: 7 } }],
    ['an error that JSON cannot hold', { lastError: 7n }],
    ['a pause that is no flag', { paused: undefined }],
    ['a fingerprint that is no text', { scheduleFingerprint: 7 }],
  ])('refuses %s', (_, change) => {
    expect(() => encodeJobState({ ...STATE, ...change } as JobState)).toThrow(
      expect.objectContaining({
        code: 'ERR_STATE_CORRUPT',
        kind: 'data',
        jobId: { ...STATE, ...change }.jobId,
      }),
    );
  });

  it.each([[undefined], [null], ['state'], [[]]])('refuses %s for a state', (state) => {
    expect(() => encodeJobState(state as never)).toThrow(
      expect.objectContaining({ code: 'ERR_STATE_CORRUPT', kind: 'data' }),
    );
  });
});

describe('decodeJobState', () => {
  it('reads back what was written, whatever the state', () => {
    const date = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const text = fc.string({ minLength: 1, unit: 'binary' });
    const run = fc.record({
      scheduledAt: date,
      catchUp: fc.boolean(),
      triggerCount: fc.nat(),
      attempt: fc.integer({ min: 1 }),
      owner: text,
    });
    const state = fc.record({
      jobId: text,
      triggerCount: fc.nat(),
      lastRunAt: maybe(date),
      lastSuccessAt: maybe(date),
      nextRunAt: maybe(date),
      lastError: maybe(fc.string({ unit: 'binary' })),
      lastScheduledAt: maybe(date),
      paused: fc.boolean(),
      inFlight: fc.array(run, { maxLength: 3 }),
      scheduleFingerprint: maybe(fc.string()),
    });
    fc.assert(
      fc.property(state, (value) => {
        expect(decodeJobState(encodeJobState(value), value.jobId)).toEqual(value);
      }),
    );
  });

  it('reads records as the Rust crate writes them', () => {
    const nanoseconds =
      '{"job_id":"quotes","trigger_count":42,"last_run_at":"2026-03-01T09:30:00.123456789Z",' +
      '"last_success_at":"2026-03-01T09:30:01.999999999Z","next_run_at":"2026-03-01T09:35:00.123456789Z","last_error":null}';
    expect(decodeJobState(nanoseconds)).toEqual({
      jobId: 'quotes',
      triggerCount: 42,
      lastRunAt: new Date('2026-03-01T09:30:00.123Z'),
      lastSuccessAt: new Date('2026-03-01T09:30:01.999Z'),
      nextRunAt: new Date('2026-03-01T09:35:00.123Z'),
      lastError: undefined,
      lastScheduledAt: undefined,
      paused: false,
      inFlight: [],
      scheduleFingerprint: undefined,
    });
    expect(decodeJobState('{"job_id":"new","trigger_count":0}')).toMatchObject({
      jobId: 'new',
      nextRunAt: undefined,
    });
    expect(
      decodeJobState('{"job_id":"x","trigger_count":1,"last_error":"boom","next_run_at":null}').lastError,
    ).toBe('boom');
  });

  it.each([
    ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01t09:30:00z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01 09:30:00.5Z', '2026-03-01T09:30:00.500Z'],
    ['2026-03-01T09:30:00.000000001+08:00', '2026-03-01T01:30:00.000Z'],
    ['2026-03-01T09:30:00-05:30', '2026-03-01T15:00:00.000Z'],
    ['2016-12-31T23:59:60.5Z', '2017-01-01T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('reads the time %s', (text, instant) => {
    const { nextRunAt } = decodeJobState(
      JSON.stringify({ job_id: 'a', trigger_count: 0, next_run_at: text }),
    );
    expect(nextRunAt?.toISOString()).toBe(instant);
  });

  it.each([
    'yesterday',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-01-01T00:00:00+25:00',
    1_767_225_600_000,
    {},
  ])('refuses the time %j', (next_run_at) => {
    expectCorrupt(JSON.stringify({ job_id: 'a', trigger_count: 0, next_run_at }));
  });

  it.each([
    '',
    'null',
    '[]',
    '7',
    '{',
    '{}',
    '{"job_id":"a"}',
    '{"job_id":"","trigger_count":0}',
    '{"job_id":"a","trigger_count":-1}',
    '{"job_id":"a","trigger_count":1.5}',
    '{"job_id":"a","trigger_count":1e300}',
    '{"job_id":"a","trigger_count":"1"}',
    '{"job_id":"a","trigger_count":0,"paused":"yes"}',
    '{"job_id":"a","trigger_count":0,"in_flight":{}}',
    '{"job_id":"a","trigger_count":0,"in_flight":[null]}',
    '{"job_id":"a","trigger_count":0,"in_flight":[{"scheduled_at":"2026-01-01T00:00:00Z"}]}',
    '{"job_id":"a","trigger_count":0,"last_error":7}',
    '{"job_id":"a","trigger_count":0,"format_version":0}',
    '{"job_id":"a","trigger_count":0,"format_version":"2"}',
  ])('refuses %s', expectCorrupt);

  it('refuses the record of another job', () => {
    expect(() => decodeJobState(encodeJobState(STATE), 'other')).toThrow(
      /job_id is "ingest", expected "other"/,
    );
  });

  it('refuses a newer format with a code of its own, whatever else is in it', () => {
    expect(() => decodeJobState('{"job_id":["new","shape"],"format_version":2}')).toThrow(
      expect.objectContaining({ code: 'ERR_STATE_FORMAT', kind: 'data' }),
    );
  });

  it('ignores unknown fields, also those that objects inherit', () => {
    expect(
      decodeJobState('{"job_id":"a","trigger_count":0,"colour":"red","__proto__":{"paused":true}}').paused,
    ).toBe(false);
  });

  it('throws nothing but typed errors for damaged records', () => {
    const record = encodeJobState(STATE);
    const damaged = fc
      .record({
        at: fc.nat(record.length),
        length: fc.nat(12),
        insert: fc.string({ maxLength: 8, unit: 'binary' }),
      })
      .map(({ at, length, insert }) => record.slice(0, at) + insert + record.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.json(), fc.string()), (text) => {
        try {
          const state = decodeJobState(text);
          expect(decodeJobState(encodeJobState(state))).toEqual(state);
        } catch (error) {
          if (!isSchedulerError(error) || error.kind !== 'data') throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function expectCorrupt(text: string): void {
  expect(() => decodeJobState(text)).toThrow(
    expect.objectContaining({ code: 'ERR_STATE_CORRUPT', kind: 'data' }),
  );
}
