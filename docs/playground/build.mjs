import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('.', import.meta.url));

/**
 * Writes the playground into a folder, ready for any file server or for none. The packages are taken from
 * their sources, as `paths` of tsconfig.json says.
 *
 * @param {string} target
 */
export async function buildPlayground(target) {
  mkdirSync(target, { recursive: true });
  for (const file of ['index.html', 'style.css']) copyFileSync(join(source, file), join(target, file));
  copyFileSync(join(source, '../favicon.svg'), join(target, 'favicon.svg'));
  await build({
    entryPoints: [join(source, 'src/playground.ts')],
    outfile: join(target, 'playground.js'),
    tsconfig: join(source, '../../tsconfig.json'),
    // A classic script also runs from file://, which a module does not.
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    bundle: true,
    minify: true,
    logLevel: 'warning',
  });
}
