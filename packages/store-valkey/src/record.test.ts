import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, revisionOf } from './record.js';

const state = {
  jobId: 'job',
  triggerCount: 3,
  nextRunAt: new Date('2026-04-03T01:02:03.004Z'),
  paused: false,
  inFlight: [],
};

/** What `serde_json` writes for the crate's `JobState`. */
const rust =
  '{"job_id":"job","trigger_count":3,"last_run_at":"2026-04-03T01:02:00.123456789Z","last_success_at":"2026-04-03T01:02:01Z","next_run_at":"2026-04-03T01:02:10.000000001Z","last_error":null}';

describe('records', () => {
  it('reads what the Rust crate writes', () => {
    expect(decodeRecord(Buffer.from(rust), 'job')).toMatchObject({
      jobId: 'job',
      triggerCount: 3,
      lastRunAt: new Date('2026-04-03T01:02:00.123Z'),
      lastSuccessAt: new Date('2026-04-03T01:02:01Z'),
      nextRunAt: new Date('2026-04-03T01:02:10Z'),
      lastError: undefined,
      paused: false,
      inFlight: [],
    });
  });

  it('writes what the Rust crate reads: its six fields, with times in RFC 3339', () => {
    const { job_id, trigger_count, last_run_at, last_success_at, next_run_at, last_error } = JSON.parse(
      encodeRecord(state),
    );
    expect({ job_id, trigger_count, last_run_at, last_success_at, next_run_at, last_error }).toEqual({
      job_id: 'job',
      trigger_count: 3,
      last_run_at: null,
      last_success_at: null,
      next_run_at: '2026-04-03T01:02:03.004Z',
      last_error: null,
    });
  });

  it('writes no lone surrogate in a message, which the Rust crate could not read', () => {
    const text = encodeRecord({ ...state, lastError: `cut \ud83d, whole 😀` });
    expect(JSON.parse(text).last_error).toBe('cut \ufffd, whole 😀');
    expect(text).not.toMatch(/\\ud/i);
  });

  it('gives each write a revision of its own', () => {
    expect(revisionOf(encodeRecord(state))).not.toBe(revisionOf(encodeRecord(state)));
    expect(decodeRecord(Buffer.from(encodeRecord(state)), 'job')).toMatchObject(state);
  });

  it('names a value by its bytes', () => {
    expect(revisionOf(Buffer.from('é'))).toBe(revisionOf('é'));
  });

  it.each([
    ['', 'ERR_STATE_CORRUPT'],
    [rust.slice(0, 50), 'ERR_STATE_CORRUPT'],
    ['null', 'ERR_STATE_CORRUPT'],
    [`\ufeff${rust}`, 'ERR_STATE_CORRUPT'],
    [rust.replace('"job"', '"other"'), 'ERR_STATE_CORRUPT'],
    [Buffer.from(rust.replace('null', '"\u00ff"'), 'latin1'), 'ERR_STATE_CORRUPT'],
    [rust.replace('}', ',"format_version":2}'), 'ERR_STATE_FORMAT'],
  ])('refuses %j', (value, code) => {
    expect(() => decodeRecord(Buffer.from(value as string), 'job')).toThrow(
      expect.objectContaining({ code, kind: 'data' }),
    );
  });
});
