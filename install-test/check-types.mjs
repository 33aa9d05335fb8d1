import { join } from 'node:path';
import { root } from '../scripts/packages.mjs';
import { mustRun } from './run-command.mjs';
import { asTypeScript } from './sample-forms.mjs';
import { proofs } from './sample-proofs.mjs';

/** The name under which the project has the oldest TypeScript that understands our types. */
export const OLD_TYPESCRIPT = 'old-typescript';

const strict = { strict: true, skipLibCheck: false, noEmit: true, target: 'ES2022' };
const exact = { ...strict, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
const nodenext = { module: 'NodeNext', moduleResolution: 'NodeNext' };

/** How users compile. Each has a folder with the samples in the kinds of files that it reads. */
const settings = {
  nodenext: {
    extensions: ['mts', 'cts'],
    options: { ...strict, ...nodenext, lib: ['ES2022'], types: ['node'] },
  },
  exact: {
    extensions: ['mts', 'cts'],
    options: { ...exact, ...nodenext, verbatimModuleSyntax: false, lib: ['ES2023'], types: ['node'] },
  },
  bundler: {
    extensions: ['ts'],
    options: { ...strict, module: 'ESNext', moduleResolution: 'Bundler', lib: ['ES2022'], types: ['node'] },
  },
  browser: {
    extensions: ['ts'],
    options: {
      ...strict,
      module: 'ESNext',
      moduleResolution: 'Bundler',
      lib: ['ES2022', 'DOM'],
      types: [],
    },
  },
};
const withoutNode = ['examples/guides/readme-core.mjs', 'examples/guides/readme-testkit-clock.ts'];

/** Compiles the samples as each kind of user does; the types of the packages are checked as well. */
export async function checkTypes(project, samples) {
  for (const [name, { extensions, options }] of Object.entries(settings)) {
    const seen = name === 'browser' ? samples.filter(({ path }) => withoutNode.includes(path)) : samples;
    for (const { path, files } of seen) {
      for (const [file, text] of files) {
        for (const extension of extensions) {
          const target = `types/${name}/${file.replace(/\.[a-z]+$/, '')}.${extension}`;
          project.write(target, asTypeScript(typed(path, text), extension));
        }
      }
    }
    project.write(
      `types/${name}/tsconfig.json`,
      JSON.stringify({ compilerOptions: options, include: ['*'] }),
    );
    const compilers = [join(root, 'node_modules/typescript'), `node_modules/${OLD_TYPESCRIPT}`];
    const compile = (compiler) =>
      mustRun(process.execPath, [`${compiler}/bin/tsc`, '-p', `types/${name}`], { cwd: project.directory });
    await Promise.all(compilers.map(compile));
  }
}

/** A sample in JavaScript with the types that its reader has to add. */
function typed(path, text) {
  const changes = Object.entries(proofs[path]?.typed ?? {});
  return changes.reduce((changed, [from, to]) => changed.replaceAll(from, to), text);
}
