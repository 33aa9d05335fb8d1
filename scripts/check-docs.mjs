// Checks what the hand-written pages show and where they lead. Every JavaScript or TypeScript block has to equal
// the region of the example that the comment above it names; every relative link has to lead somewhere.
//
//   node scripts/check-docs.mjs [root]           samples and links of the pages
//   node scripts/check-docs.mjs --site [root]    and the links of docs/site, as `npm run docs` made it
//   node scripts/check-docs.mjs --write [root]   writes the samples into the pages first
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const [given] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const root = resolve(given ?? fileURLToPath(new URL('..', import.meta.url)));
const site = join(root, 'docs', 'site');

const CODE = new Set(['js', 'mjs', 'cjs', 'jsx', 'javascript', 'ts', 'mts', 'cts', 'tsx', 'typescript']);
/** Links out of the site that TypeDoc writes, and that a class has from the declarations of Node. */
const FOREIGN = new Set([
  'https://typedoc.org/',
  'https://v8.dev/docs/stack-trace-api#customizing-stack-traces',
]);
const problems = [];
const anchorsOfPages = new Map();

const pages = findPages();
for (const page of pages) {
  if (flags.includes('--write')) writeSamples(page);
  checkSamples(page);
  checkLinks(page);
}
const checked = [`${pages.length} pages`];
if (flags.includes('--site')) checked.push(`${checkSite()} pages of the site`);

for (const problem of problems) console.error(problem);
console.log(`${checked.join(' and ')} checked, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The Markdown files that people read: of the root, of packages and examples, and below docs. */
function findPages() {
  const folders = [root, ...['packages', 'examples'].flatMap((name) => subfolders(join(root, name)))];
  const found = folders.flatMap((folder) => filesOf(folder).filter((file) => file.endsWith('.md')));
  if (existsSync(join(root, 'docs'))) found.push(...filesBelow(join(root, 'docs'), '.md'));
  return found.filter((file) => !file.startsWith(site + sep)).sort((a, b) => (a < b ? -1 : 1));
}

function subfolders(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(folder, entry.name));
}

function filesBelow(folder, extension) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !file.includes(`${sep}node_modules${sep}`));
}

/** The fenced blocks of a page, each with the lines of its fences and the comment that names its sample. */
function blocksOf(lines) {
  const blocks = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent, fence, language] = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/.exec(lines[index]) ?? [];
    if (fence === undefined) continue;
    const start = index;
    do index += 1;
    while (index < lines.length && !lines[index].trim().startsWith(fence));
    const named = /^<!-- sample: (\S+) -->$/.exec(lines[start - 1]?.trim() ?? '');
    blocks.push({ start, end: index, indent, language, sample: named?.[1] });
  }
  return blocks;
}

function checkSamples(page) {
  const lines = readFileSync(page, 'utf8').split('\n');
  for (const block of blocksOf(lines)) {
    if (block.sample === undefined) {
      if (CODE.has(block.language)) report(page, block.start, `a ${block.language} block names no sample`);
      continue;
    }
    const expected = readSample(page, block);
    if (expected === undefined) continue;
    const shown = lines.slice(block.start + 1, block.end).map((line) => line.slice(block.indent.length));
    if (shown.join('\n') !== expected.join('\n'))
      report(page, block.start, `the block differs from ${block.sample}; npm run check:docs -- --write`);
  }
}

function writeSamples(page) {
  const text = readFileSync(page, 'utf8');
  const lines = text.split('\n');
  for (const block of blocksOf(lines).toReversed()) {
    const expected = block.sample === undefined ? undefined : readSample(undefined, block);
    if (expected === undefined) continue;
    const indented = expected.map((line) => (line === '' ? '' : block.indent + line));
    lines.splice(block.start + 1, block.end - block.start - 1, ...indented);
  }
  const written = lines.join('\n');
  if (written !== text) writeFileSync(page, written);
}

/** The lines of a sample; reported to `page` when there is no such file or region. */
function readSample(page, block) {
  const [path, region] = block.sample.split('#');
  const file = join(root, path);
  const complain = (message) => page !== undefined && report(page, block.start, message);
  if (!path.startsWith('examples/') || !existsSync(file)) return complain(`${path} is no file of an example`);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const found = region === undefined ? lines : linesOfRegion(lines, region);
  if (found === undefined) return complain(`${path} has no region ${region}`);
  return unindent(found.filter((line) => !/^\s*\/\/ #(end)?region\b/.test(line)));
}

/** The lines between the marks of a region; several regions of one name are shown as one. */
function linesOfRegion(lines, name) {
  const found = [];
  let depth = 0;
  for (const line of lines) {
    if (depth > 0 && /^\s*\/\/ #region\b/.test(line)) depth += 1;
    if (depth > 0 && /^\s*\/\/ #endregion\b/.test(line)) depth -= 1;
    if (depth > 0) found.push(line);
    if (depth === 0 && line.trim() === `// #region ${name}`) depth = 1;
  }
  return found.length === 0 ? undefined : found;
}

function unindent(lines) {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)[0].length);
  const common = Math.min(...indents);
  return lines.map((line) => line.slice(common));
}

function checkLinks(page) {
  const lines = readFileSync(page, 'utf8').split('\n');
  for (const { start, end } of blocksOf(lines)) lines.fill('', start, end + 1);
  for (const [index, line] of lines.entries()) {
    const prose = line.replace(/`[^`]*`/g, (code) => '`'.repeat(code.length));
    const inline = [...prose.matchAll(/\]\(([^()\s]+)(?:\s+"[^"]*")?\)/g)];
    const definitions = [...prose.matchAll(/^\[[^\]]+\]:\s+(\S+)/g)];
    for (const [, link] of [...inline, ...definitions]) {
      if (!/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) checkLink(page, index, link);
    }
  }
}

function checkLink(page, line, link) {
  const [path, anchor] = link.split('#');
  const target = path === '' ? page : resolve(dirname(page), decodeURIComponent(path));
  if (!existsSync(target)) {
    report(page, line, `${link}: there is no ${relative(root, target)}`);
  } else if (anchor !== undefined && !anchorsOf(target).has(decodeURIComponent(anchor))) {
    report(page, line, `${link}: ${relative(root, target)} has no anchor ${anchor}`);
  }
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(page) {
  if (!page.endsWith('.md')) return new Set();
  const known = anchorsOfPages.get(page);
  if (known !== undefined) return known;
  const anchors = new Set();
  const lines = readFileSync(page, 'utf8').split('\n');
  for (const { start, end } of blocksOf(lines)) lines.fill('', start, end + 1);
  for (const line of lines) {
    const [, heading] = /^#{1,6}\s+(.*?)\s*#*$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/<[^>]*>/g, '');
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  anchorsOfPages.set(page, anchors);
  return anchors;
}

/** Whether a link of the site leads to a file or folder of the repository that is there. */
function isInRepository(reference) {
  const [, path] =
    /^https:\/\/github\.com\/[^/]+\/[^/]+\/(?:tree|blob)\/main\/([^?#]+)$/.exec(reference) ?? [];
  return path !== undefined && existsSync(join(root, decodeURIComponent(path)));
}

/**
 * Checks every reference of every generated page to a file or an anchor of the site. A link out of it has to stand in a
 * page, for what looks like a host, such as the name of a file, is made a link.
 */
function checkSite() {
  if (!existsSync(join(site, 'index.html'))) {
    problems.push('docs/site has no index.html: npm run docs makes the site');
    return 0;
  }
  for (const file of ['.md', '.mjs'].flatMap((extension) => filesBelow(site, extension)))
    report(file, undefined, 'a link leads to this file, which is no page of the site');
  const files = filesBelow(site, '.html');
  const idsOf = new Map(
    files.map((file) => [
      file,
      new Set(
        [...readFileSync(file, 'utf8').matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => decodeHtml(id)),
      ),
    ]),
  );
  const written = pages.map((page) => readFileSync(page, 'utf8')).join('\n');
  for (const file of files) {
    const html = readFileSync(file, 'utf8').replace(/<script\b[^>]*>[\s\S]*?<\/script>/g, keepOpeningTag);
    for (const [, raw] of html.matchAll(/<[a-z][^>]*?\s(?:href|src)="([^"]*)"/g)) {
      const reference = decodeHtml(raw);
      if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(reference)) {
        const isKnown =
          !/^(https?:)?\/\//i.test(reference) ||
          FOREIGN.has(reference) ||
          written.includes(reference) ||
          isInRepository(reference);
        if (!isKnown) report(file, undefined, `${reference} stands in no page`);
        continue;
      }
      const [withQuery, anchor] = reference.split('#');
      const [path] = withQuery.split('?');
      let target = path === '' ? file : resolve(dirname(file), decodeURIComponent(path));
      if (existsSync(target) && statSync(target).isDirectory()) target = join(target, 'index.html');
      const inSite = target.startsWith(site + sep);
      if (!inSite || !existsSync(target)) report(file, undefined, `${reference} leads nowhere`);
      else if (anchor && target.endsWith('.html') && !idsOf.get(target).has(decodeURIComponent(anchor)))
        report(file, undefined, `${reference}: no element has this id`);
    }
  }
  return files.length;
}

function keepOpeningTag(script) {
  return script.slice(0, script.indexOf('>') + 1);
}

function decodeHtml(text) {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
}

function report(file, line, message) {
  const where = line === undefined ? '' : `:${line + 1}`;
  problems.push(`${relative(root, file)}${where}: ${message}`);
}
