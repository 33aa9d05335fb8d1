// Draws the pictures of the guides. With `--check` it writes nothing and fails when one differs.
import { mkdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drawFigure, figureNames } from './figures.js';

const folder = new URL('../../guides/figures/', import.meta.url);
const isCheck = process.argv.includes('--check');
let changed = 0;

mkdirSync(folder, { recursive: true });
for (const name of figureNames) {
  const file = new URL(`${name}.svg`, folder);
  const svg = await drawFigure(name);
  if (existsSync(file) && readFileSync(file, 'utf8') === svg) continue;
  changed += 1;
  if (isCheck) console.error(`${fileURLToPath(file)} differs from what is drawn anew: npm run docs:figures`);
  else writeFileSync(file, svg);
}
console.log(`${figureNames.length} figures, ${changed} ${isCheck ? 'differ' : 'written'}`);
if (isCheck && changed > 0) process.exitCode = 1;
