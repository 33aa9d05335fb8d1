import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { machine } from './machine.mjs';
import { toSvg } from './plot.mjs';
import { toMarkdown } from './report.mjs';

const FOLDER = new URL('../results/', import.meta.url);
const JSON_FILE = new URL('results.json', FOLDER);

/** Writes the results of a case beside those of the cases that were measured before. */
export function keepResults(measured) {
  mkdirSync(FOLDER, { recursive: true });
  const others = readCases().filter(({ name }) => name !== measured.name);
  const cases = [...others, { ...measured, measuredOn: machine() }].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  writeFileSync(JSON_FILE, `${JSON.stringify({ cases }, undefined, 2)}\n`);
  writeFileSync(new URL('results.md', FOLDER), toMarkdown(cases));
  if (measured.plot !== undefined) {
    writeFileSync(new URL(`${measured.name}.svg`, FOLDER), toSvg(measured, measured.results));
  }
}

function readCases() {
  try {
    return JSON.parse(readFileSync(JSON_FILE, 'utf8')).cases;
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
