import { createHash } from 'node:crypto';
import { StateDataError } from '@cloudiful-scheduler/core';

/** What one file holds: a revision of a job's record. */
export interface RevisionFile {
  /** {@link jobKey} of the job that it is of. */
  readonly key: string;
  /** 1 for the first revision; each has the number after its predecessor's. */
  readonly number: number;
  /** Random, so that two revisions are never taken for one another. */
  readonly nonce: string;
  /** The nonces of the revisions before, the newest first; as many as {@link LINEAGE_LENGTH}. */
  readonly lineage: readonly string[];
  /** The encoded state; `null` when this revision is the deletion of the record. */
  readonly record: string | null;
}

/** How many predecessors a file names. */
export const LINEAGE_LENGTH = 16;

const FORMAT_NAME = 'cloudiful-scheduler-state';
const FORMAT_VERSION = 1;

/**
 * The text of a file, three lines: name and version of the format with a checksum of all that follows,
 * what is to be known of the revision, and the encoded state (empty for a deletion).
 */
export function formatRevisionFile({ record, ...head }: RevisionFile): string {
  const rest = `${JSON.stringify({ ...head, deleted: record === null })}\n${record ?? ''}\n`;
  return `${FORMAT_NAME} ${FORMAT_VERSION} ${checksum(rest)}\n${rest}`;
}

/**
 * The inverse of {@link formatRevisionFile}.
 *
 * @throws StateDataError for a file that is damaged, of another job or revision, or from a newer version.
 */
export function parseRevisionFile(
  text: string,
  name: string,
  expected: { key: string; number: number; jobId: string },
): RevisionFile {
  const { jobId } = expected;
  const corrupt = (reason: string, cause?: unknown) =>
    new StateDataError('ERR_STATE_CORRUPT', `The state file ${name} ${reason}`, { jobId, cause });

  const first = /^cloudiful-scheduler-state (\d{1,9})(?: ([0-9a-f]{64})\n)?/.exec(text);
  if (first === null) throw corrupt('does not begin like one');
  const version = Number(first[1]);
  if (version > FORMAT_VERSION) {
    throw new StateDataError(
      'ERR_STATE_FORMAT',
      `The state file ${name} has the format ${version}; this version reads up to ${FORMAT_VERSION}`,
      { jobId },
    );
  }
  const rest = text.slice(first[0].length);
  if (version !== FORMAT_VERSION || first[2] !== checksum(rest))
    throw corrupt('is damaged: its checksum is not that of its content');

  const [headText = '', record = ''] = rest.split('\n');
  let head: Omit<RevisionFile, 'record'> & { deleted: boolean };
  try {
    head = JSON.parse(headText);
  } catch (cause) {
    throw corrupt('has a damaged second line', cause);
  }
  if (head.key !== expected.key) throw corrupt('holds the state of another job');
  if (head.number !== expected.number) throw corrupt(`holds revision ${head.number}`);
  return {
    key: head.key,
    number: head.number,
    nonce: head.nonce,
    lineage: head.lineage,
    record: head.deleted ? null : record,
  };
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
