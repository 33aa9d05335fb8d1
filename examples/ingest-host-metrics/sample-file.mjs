import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Opens an NDJSON file for appending. A line that a crash cut short is closed, so that it stays alone. */
export async function openSampleFile(path) {
  await mkdir(dirname(path), { recursive: true });
  const text = await readIfThere(path);
  if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
  return { append: (sample) => appendFile(path, `${JSON.stringify(sample)}\n`) };
}

/** One sample per occurrence: of several attempts the last stands, and what cannot be parsed is left out. */
export async function readSamples(path) {
  // #region read
  const samples = new Map();
  for (const line of (await readIfThere(path)).split('\n')) {
    const sample = parse(line);
    if (sample === undefined) continue;
    const known = samples.get(sample.scheduledAt);
    if (known === undefined || sample.attempt >= known.attempt) samples.set(sample.scheduledAt, sample);
  }
  // #endregion
  return [...samples.values()];
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function readIfThere(path) {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
