// The linter cannot tell `new Date()`, which reads the clock, from `new Date(time)`. This finds the former in
// the policies and schedules of core.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './packages.mjs';

const folders = ['packages/core/src/policy', 'packages/core/src/schedules'];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file)),
);
let found = 0;

for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const visit = (node) => {
    if (readsClock(node, source)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      console.error(
        `${file}:${line + 1}: ${node.getText(source)} reads the clock; policies and schedules are pure.`,
      );
      found += 1;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}
process.exit(found === 0 ? 0 : 1);

/** `Date(…)` is the current time whatever it is given; `new Date` only without arguments. */
function readsClock(node, source) {
  if (ts.isCallExpression(node)) return node.expression.getText(source) === 'Date';
  return (
    ts.isNewExpression(node) &&
    node.expression.getText(source) === 'Date' &&
    (node.arguments === undefined || node.arguments.length === 0)
  );
}
