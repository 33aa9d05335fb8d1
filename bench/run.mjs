// Measures all cases, or those that are named, and writes results/ when all were measured.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { machine } from './harness/machine.mjs';
import { toSvg } from './harness/plot.mjs';
import { toMarkdown, toTable } from './harness/report.mjs';
import { runCase } from './harness/run-case.mjs';

const folder = new URL('./cases/', import.meta.url);
const known = readdirSync(folder).map((file) => file.replace(/\.mjs$/, ''));
const named = process.argv.slice(2);
const unknown = named.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(', ')}; the cases are ${known.join(', ')}.`);
  process.exit(1);
}

const cases = [];
for (const name of named.length > 0 ? named : known) {
  const url = new URL(`${name}.mjs`, folder);
  const definition = await import(url.href);
  const results = await runCase(name, url.href, definition);
  const { title, about, columns, plot } = definition;
  cases.push({ name, title, about, columns, plot, results });
  console.log(`\n${title}\n\n${toTable({ columns }, results)}\n`);
}

if (named.length === 0) {
  const out = new URL('./results/', import.meta.url);
  mkdirSync(out, { recursive: true });
  const measuredOn = machine();
  writeFileSync(
    new URL('results.json', out),
    `${JSON.stringify({ machine: measuredOn, cases }, undefined, 2)}\n`,
  );
  writeFileSync(new URL('README.md', out), toMarkdown(measuredOn, cases));
  for (const one of cases) {
    if (one.plot !== undefined) writeFileSync(new URL(`${one.name}.svg`, out), toSvg(one, one.results));
  }
}
