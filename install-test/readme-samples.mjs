import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../scripts/packages.mjs';

const CODE = new Set(['js', 'mjs', 'ts', 'mts', 'javascript', 'typescript']);

/**
 * The programs that the READMEs show: name, text and the files of its folder that it imports. A block that is part
 * of an example, as the comment above it says, stands for the whole of that example.
 */
export function readmeSamples() {
  const samples = new Map();
  const unnamed = [];
  for (const readme of readmes()) {
    for (const { language, path, text } of blocksOf(readFileSync(readme, 'utf8'))) {
      if (!CODE.has(language)) continue;
      if (path === undefined) unnamed.push(`${readme}: ${text.split('\n')[0]}`);
      else samples.set(path, { path, files: withImports(join(root, path)) });
    }
  }
  if (unnamed.length > 0) throw new Error(`These blocks name no sample:\n${unnamed.join('\n')}`);
  return [...samples.values()];
}

function readmes() {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  return [root, ...folders].map((folder) => join(folder, 'README.md')).filter((file) => existsSync(file));
}

function blocksOf(markdown) {
  const pattern = /(?:<!-- sample: ([^\s#]+)\S* -->\n)?^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm;
  return [...markdown.matchAll(pattern)].map(([, path, language, text]) => ({ path, language, text }));
}

/** A file and those that it imports from its own folder, by name; the first is the program. */
function withImports(file, found = new Map()) {
  if (found.has(basename(file))) return found;
  const text = readFileSync(file, 'utf8');
  found.set(basename(file), text);
  for (const [, specifier] of text.matchAll(/(?:from|import)\s+'(\.\/[^']+)'/g)) {
    const imported = join(dirname(file), specifier);
    withImports(existsSync(imported) ? imported : imported.replace(/js$/, 'ts'), found);
  }
  return found;
}
