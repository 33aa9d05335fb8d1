import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { badgeLine, badges } from './badges.mjs';
import { publishedPackages, root } from './packages.mjs';

it('the badges say what the manifests say; node scripts/badges.mjs draws them', () => {
  const folder = join(root, 'docs/badges');
  const drawn = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
  expect(new Map(drawn)).toEqual(badges().files);
});

it.each(publishedPackages().map(({ directory }) => directory))('the README of %s shows them', (directory) => {
  const readme = readFileSync(join(directory, 'README.md'), 'utf8');
  expect(readme.split('\n\n')[1]).toBe(badgeLine(basename(directory)));
});
