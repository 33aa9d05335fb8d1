import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./check-docs.mjs', import.meta.url));
const fence = '```';
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'check-docs-'));
  write(
    'examples/one/hello.mjs',
    "const before = 1;\n{\n  // #region greet\n  console.log('hello');\n  // #endregion\n}\n",
  );
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function block(sample: string, code: string): string {
  return `<!-- sample: ${sample} -->\n${fence}js\n${code}\n${fence}\n`;
}

function check(...flags: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...flags, root], {
    encoding: 'utf8',
  });
  return { status, problems: stderr.trim().split('\n').filter(Boolean), summary: stdout.trim() };
}

it('is content with pages whose samples and links are right', () => {
  write(
    'README.md',
    `# Title\n\n${block('examples/one/hello.mjs#greet', "console.log('hello');")}\n[on](docs/guides/a.md#two-words)`,
  );
  write(
    'docs/guides/a.md',
    '# A\n\n## Two `words`\n\n[back](../../README.md#title), [here](#a), [away](https://example.org/x)',
  );
  expect(check()).toEqual({ status: 0, problems: [], summary: '2 pages checked, 0 problems' });
});

it('finds a sample that differs, has no region, no file or no name', () => {
  write('README.md', block('examples/one/hello.mjs#greet', "console.log('bye');"));
  write('packages/p/README.md', block('examples/one/hello.mjs#none', ''));
  write('docs/guides/a.md', block('examples/two/hello.mjs', ''));
  write('docs/guides/b.md', `${fence}ts\nlet x;\n${fence}\n\n${fence}sh\nls\n${fence}\n`);
  const { status, problems } = check();
  expect(status).toBe(1);
  expect(problems).toEqual([
    expect.stringContaining('README.md:2: the block differs from examples/one/hello.mjs#greet'),
    'docs/guides/a.md:2: examples/two/hello.mjs is no file of an example',
    'docs/guides/b.md:1: a ts block names no sample',
    'packages/p/README.md:2: examples/one/hello.mjs has no region none',
  ]);
});

it('finds dead links and dead anchors, and leaves code alone', () => {
  write(
    'README.md',
    '# Title\n\n[a](gone.md) ![b](gone.svg) [c](#nowhere) [d](docs/decisions/a.md#title) `[e](gone)`\n',
  );
  write('docs/decisions/a.md', `# One\n\n${fence}text\n[f](gone.md)\n${fence}\n\n[g]: ../gone\n`);
  expect(check().problems).toEqual([
    'README.md:3: gone.md: there is no gone.md',
    'README.md:3: gone.svg: there is no gone.svg',
    'README.md:3: #nowhere: README.md has no anchor nowhere',
    'README.md:3: docs/decisions/a.md#title: docs/decisions/a.md has no anchor title',
    'docs/decisions/a.md:7: ../gone: there is no docs/gone',
  ]);
});

it('writes samples into the pages, whole files without the marks of regions', () => {
  write('README.md', block('examples/one/hello.mjs#greet', 'old'));
  write('docs/guides/a.md', `text\n\n${block('examples/one/hello.mjs', 'old\nolder')}\nmore\n`);
  expect(check('--write')).toMatchObject({ status: 0, problems: [] });
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe(
    block('examples/one/hello.mjs#greet', "console.log('hello');"),
  );
  expect(readFileSync(join(root, 'docs/guides/a.md'), 'utf8')).toBe(
    `text\n\n${block('examples/one/hello.mjs', "const before = 1;\n{\n  console.log('hello');\n}")}\nmore\n`,
  );
});

it('shows regions of one name as one', () => {
  write(
    'examples/one/parts.ts',
    '// #region a\none();\n// #endregion\nhidden();\n// #region a\ntwo();\n// #endregion\n',
  );
  write('README.md', block('examples/one/parts.ts#a', 'one();\ntwo();'));
  expect(check().problems).toEqual([]);
});

it('finds what leads nowhere within the site', () => {
  write(
    'docs/site/index.html',
    '<a href="a/">a</a><a href="b.html#x">b</a><a href="gone.html">c</a><img src="gone.svg">',
  );
  write(
    'docs/site/a/index.html',
    '<a href="../index.html"></a><a href="../../../README.md"></a><a href="https://example.org/?a&amp;b">d</a>',
  );
  write('README.md', '[d](https://example.org/?a&b), and NOTES.md');
  write(
    'docs/site/c.html',
    [
      '<a href="http://NOTES.md">NOTES.md</a><a href="https://typedoc.org/">e</a><a href="data:,">',
      '<a href="https://github.com/owner/name/tree/main/docs/site">f</a>',
      '<a href="https://github.com/owner/name/blob/main/gone.mjs">g</a>',
    ].join(''),
  );
  write('docs/site/b.html', '<h1 id="y"></h1><script>const html = \'<a href="gone.js">\';</script>');
  expect(check('--site').problems.sort()).toEqual(
    [
      'docs/site/index.html: b.html#x: no element has this id',
      'docs/site/index.html: gone.html leads nowhere',
      'docs/site/index.html: gone.svg leads nowhere',
      'docs/site/a/index.html: ../../../README.md leads nowhere',
      'docs/site/c.html: http://NOTES.md stands in no page',
      'docs/site/c.html: https://github.com/owner/name/blob/main/gone.mjs stands in no page',
    ].sort(),
  );
  write('docs/site/media/README.md', '# A page of the repository');
  write('docs/site/media/main.mjs', '');
  expect(check('--site').problems).toEqual(
    expect.arrayContaining([
      'docs/site/media/README.md: a link leads to this file, which is no page of the site',
      'docs/site/media/main.mjs: a link leads to this file, which is no page of the site',
    ]),
  );
  rmSync(join(root, 'docs/site/index.html'));
  expect(check('--site').problems).toEqual(['docs/site has no index.html: npm run docs makes the site']);
});
