import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manifestProblems } from './manifest-problems.mjs';
import { coreRange } from './packages.mjs';

const root = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest;
const plugin = JSON.parse(
  readFileSync(new URL('../packages/store-file/package.json', import.meta.url), 'utf8'),
) as Manifest;

interface Manifest {
  version: string;
  [field: string]: unknown;
}

/** The manifest of a plugin as it is packed, with changes. */
function packed(changes: Record<string, unknown> = {}): Manifest {
  const peerDependencies = { '@cloudiful-scheduler/core': coreRange(plugin.version) };
  return { ...plugin, peerDependencies, ...changes };
}

function problemsOf(manifest: Manifest): string[] {
  return manifestProblems(manifest, { folder: 'packages/store-file', root, version: plugin.version });
}

describe('the problems of a manifest', () => {
  it('are none for a plugin as it is packed', () => {
    expect(problemsOf(packed())).toEqual([]);
  });

  it.each([
    [
      'repository',
      { type: 'git', url: 'git+https://example.org/other.git', directory: 'packages/store-file' },
    ],
    [
      'repository',
      { type: 'git', url: (root['repository'] as { url: string }).url, directory: 'packages/core' },
    ],
    ['homepage', undefined],
    ['bugs', undefined],
    ['keywords', ['scheduler']],
    ['license', 'MIT'],
    ['description', 'A store'],
    ['engines', { node: '>=18' }],
    ['type', 'commonjs'],
    ['sideEffects', undefined],
    ['files', ['src']],
    ['publishConfig', undefined],
    ['private', true],
    ['version', '9.9.9'],
    ['exports', { '.': './dist/index.js', './package.json': './package.json' }],
    ['peerDependencies', {}],
    ['peerDependencies', { '@cloudiful-scheduler/core': '*' }],
    ['optionalDependencies', { 'some-package': 'workspace:*' }],
    ['dependencies', { '@cloudiful-scheduler/core': '0.1.0' }],
  ])('tell of %s: %j', (field, value) => {
    expect(problemsOf(packed({ [field]: value })).length).toBeGreaterThan(0);
  });

  it('tell of default before types', () => {
    const target = { default: './dist/index.js', types: './dist/index.d.ts' };
    const exports = { '.': { import: target, require: target }, './package.json': './package.json' };
    expect(problemsOf(packed({ exports }))).toHaveLength(2);
  });
});

describe('the cores that a plugin accepts', () => {
  it.each([
    ['0.0.0', '>=0.0.0 <1.0.0'],
    ['0.1.3', '>=0.1.0 <1.0.0'],
    ['1.4.2', '>=1.4.0 <2.0.0'],
  ])('of %s are %s', (version, range) => {
    expect(coreRange(version)).toBe(range);
  });
});
