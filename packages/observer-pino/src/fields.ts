import type { SchedulerEvent } from '@cloudiful-scheduler/core';

type FieldOf<Event> = Event extends unknown ? keyof Event : never;

/** The name of each field in a log line. A new field of an event does not compile until it has one. */
const FIELD_NAMES: { readonly [Field in FieldOf<SchedulerEvent>]: string } = {
  type: 'event',
  jobId: 'job_id',
  at: 'at',
  scheduledAt: 'scheduled_at',
  firstScheduledAt: 'first_scheduled_at',
  triggerCount: 'trigger_count',
  catchUp: 'catch_up',
  manual: 'manual',
  coalesced: 'coalesced',
  queued: 'queued',
  attempt: 'attempt',
  latenessMs: 'lateness_ms',
  durationMs: 'duration_ms',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  status: 'status',
  reason: 'reason',
  count: 'count',
  resourceId: 'resource_id',
  fencingToken: 'fencing_token',
  outcome: 'outcome',
  kind: 'kind',
  scope: 'scope',
  source: 'source',
  nextRunAt: 'next_run_at',
  previousNextRunAt: 'previous_next_run_at',
  fingerprint: 'fingerprint',
  previousFingerprint: 'previous_fingerprint',
  inFlight: 'in_flight',
  error: 'err',
};

/** What a log line says about an event, beside its message. Instants are ISO 8601 texts. */
export function fieldsOf(event: SchedulerEvent): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [field, name] of Object.entries(FIELD_NAMES)) {
    const value = (event as unknown as Readonly<Record<string, unknown>>)[field];
    if (value === undefined) continue;
    fields[name] = name === 'err' ? errorField(value) : value instanceof Date ? value.toISOString() : value;
  }
  return fields;
}

/** What stands for an error that cannot be written, such as one that is frozen or has a getter that throws. */
export function substituteFor(error: unknown): { readonly message: string } {
  const message = 'an error that could not be written';
  try {
    return { message: `${message}: ${String((error as { readonly message: unknown }).message)}` };
  } catch {
    return { message };
  }
}

/** A task may throw anything; pino writes what has a message in the shape of an error. */
function errorField(error: unknown): unknown {
  if (error instanceof Error) return error;
  if (typeof error === 'object' && error !== null && 'message' in error) return error;
  return { message: textOf(error) };
}

function textOf(value: unknown): string {
  try {
    const toText: (value: unknown) => string = typeof value === 'object' ? JSON.stringify : String;
    return toText(value);
  } catch {
    return 'a value that has no text';
  }
}
