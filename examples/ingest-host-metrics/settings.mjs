import { fileURLToPath } from 'node:url';

function milliseconds(name, fallback) {
  const text = process.env[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new Error(`${name} is ${text}, not a positive integer`);
  return value;
}

/** Where the data goes; holds the samples and the scheduler's state. */
export const dataDirectory = process.env.INGEST_DATA_DIR ?? fileURLToPath(new URL('./data', import.meta.url));
/** How often a sample is due. */
export const everyMs = milliseconds('INGEST_EVERY_MS', 1_000);
/** How long one sample takes: processor and network are measured over this stretch. */
export const sampleMs = milliseconds('INGEST_SAMPLE_MS', 350);
/** How long the program goes on. */
export const durationMs = milliseconds('INGEST_DURATION_MS', 10_000);
