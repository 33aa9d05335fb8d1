import { expect, it } from 'vitest';
import { jobKey } from './file-name.js';
import { formatRevisionFile, parseRevisionFile, type RevisionFile } from './revision-file.js';

const FILE: RevisionFile = {
  key: jobKey('job'),
  number: 3,
  nonce: 'c',
  lineage: ['b', 'a'],
  record: '{"job_id":"job"}',
};
const expected = { key: FILE.key, number: 3, jobId: 'job' };

it('is three lines that a person can read', () => {
  expect(formatRevisionFile(FILE)).toMatch(
    /^cloudiful-scheduler-state 1 [0-9a-f]{64}\n\{"key":"[0-9a-f]{64}","number":3,"nonce":"c","lineage":\["b","a"\],"deleted":false\}\n\{"job_id":"job"\}\n$/,
  );
});

it('is read back as it was written', () => {
  for (const record of [FILE.record, null, '{"text":"⏰ \\ud800"}']) {
    expect(parseRevisionFile(formatRevisionFile({ ...FILE, record }), 'file', expected)).toEqual({
      ...FILE,
      record,
    });
  }
});

it('names the job, the file and what is wrong', () => {
  const text = formatRevisionFile(FILE);
  for (const [bad, at, code, reason] of [
    [text.slice(0, -1), expected, 'ERR_STATE_CORRUPT', 'is damaged: its checksum is not that of its content'],
    [`${text}\n`, expected, 'ERR_STATE_CORRUPT', 'is damaged: its checksum is not that of its content'],
    [
      text.replace(' 1 ', ' 0 '),
      expected,
      'ERR_STATE_CORRUPT',
      'is damaged: its checksum is not that of its content',
    ],
    ['', expected, 'ERR_STATE_CORRUPT', 'does not begin like one'],
    [
      text.replace(' 1 ', ' 12 '),
      expected,
      'ERR_STATE_FORMAT',
      'has the format 12; this version reads up to 1',
    ],
    [text, { ...expected, number: 4 }, 'ERR_STATE_CORRUPT', 'holds revision 3'],
    [text, { ...expected, key: jobKey('other') }, 'ERR_STATE_CORRUPT', 'holds the state of another job'],
  ] as const) {
    expect(() => parseRevisionFile(bad, 'file', at)).toThrow(
      expect.objectContaining({ code, jobId: 'job', message: `The state file file ${reason}` }),
    );
  }
});
