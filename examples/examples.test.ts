import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const examples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, files: readdirSync(`${folder}${name}`) }))
  // What was moved away leaves a folder behind that only the package manager has filled.
  .filter(({ files }) => files.some((file) => file !== 'node_modules'));
const programs = examples.filter(({ name }) => manifestOf(name).scripts?.['start'] !== undefined);

function manifestOf(name: string) {
  return JSON.parse(readFileSync(`${folder}${name}/package.json`, 'utf8')) as {
    readonly scripts?: Readonly<Record<string, string>>;
  };
}

describe.each(examples)('the example $name', ({ name, files }) => {
  it('is run by a test', () => {
    expect(files.filter((file) => file.endsWith('.test.ts'))).not.toEqual([]);
  });

  it('is a package of this workspace that is not published', () => {
    expect(manifestOf(name)).toMatchObject({ name: `@cloudiful-scheduler/example-${name}`, private: true });
  });
});

describe.each(programs)('the program $name', ({ name, files }) => {
  it('has scripts that name files which are there', () => {
    const commands = Object.values(manifestOf(name).scripts ?? {});
    const named = commands.flatMap((command) =>
      command.split(' ').filter((word) => /\.(mjs|ts)$/.test(word)),
    );
    expect(named).not.toEqual([]);
    expect(files).toEqual(expect.arrayContaining(named));
  });

  it('is explained, and listed in the index', () => {
    expect(files).toContain('README.md');
    expect(readFileSync(`${folder}README.md`, 'utf8')).toContain(`(${name}/README.md)`);
  });
});
