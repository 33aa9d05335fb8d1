import { transform } from 'esbuild';

const IMPORTS = /^import\b[^;]*?(?:\bfrom\s*)?'[^']+';?$|^import\b[^;]*?(?:\bfrom\s*)?"[^"]+";?$/gm;

/** The program as an ES module that node runs. */
export async function asEsm(name, text) {
  if (!name.endsWith('.ts')) return text;
  return (await transform(text, { loader: 'ts', format: 'esm', target: 'es2022' })).code;
}

/** The program as CommonJS: its imports become calls of `require`, what awaits goes into a function. */
export async function asCjs(name, text) {
  const { code } = await transform(inFunction(await asEsm(name, text)), {
    format: 'cjs',
    target: 'es2022',
    define: { 'import.meta.url': 'import_meta_url' },
    banner: "const import_meta_url = require('node:url').pathToFileURL(__filename).href;",
  });
  return code;
}

/** The program as TypeScript, for a file with this extension: `ts`, `mts` or `cts`. */
export function asTypeScript(text, extension) {
  const imported = text.replace(/(from '\.\/[^']+)\.js'/g, `$1.${extension.replace('t', 'j')}'`);
  if (extension !== 'cts') return imported;
  const located = imported.replaceAll('import.meta.url', 'pathToFileURL(__filename)');
  return inFunction(
    located === imported ? imported : `import { pathToFileURL } from 'node:url';\n${located}`,
  );
}

/** CommonJS has no await outside functions: everything but the imports of a program that awaits goes into one. */
function inFunction(text) {
  if (!/^(?:(?:const|let) .*= )?await |^console\.log\(.*await /m.test(text)) return text;
  const imports = text.match(IMPORTS) ?? [];
  return `${imports.join('\n')}\nasync function main() {\n${text.replace(IMPORTS, '')}\n}\nvoid main();\n`;
}
