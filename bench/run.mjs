// Measures all cases, or those that are named, and writes what was found into results/ after each.
import { readdirSync } from 'node:fs';
import { toTable } from './harness/report.mjs';
import { keepResults } from './harness/results.mjs';
import { runCase } from './harness/run-case.mjs';

const folder = new URL('./cases/', import.meta.url);
const known = readdirSync(folder).map((file) => file.replace(/\.mjs$/, ''));
const named = process.argv.slice(2);
const unknown = named.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(', ')}; the cases are ${known.join(', ')}.`);
  process.exit(1);
}

for (const name of named.length > 0 ? named : known) {
  const url = new URL(`${name}.mjs`, folder);
  const definition = await import(url.href);
  const results = await runCase(name, url.href, definition);
  const { title, about, columns, plot } = definition;
  keepResults({ name, title, about, columns, plot, results });
  console.log(`\n${title}\n\n${toTable({ columns }, results)}\n`);
}
