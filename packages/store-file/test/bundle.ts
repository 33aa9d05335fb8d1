import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const packages = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles a program, which may import the packages of this workspace, into one file that node can run. */
export async function bundle(source: string, file: string): Promise<void> {
  await build({
    stdin: { contents: source, loader: 'ts', resolveDir: packages },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: file,
    alias: {
      '@cloudiful-scheduler/core': `${packages}core/src/index.ts`,
      '@cloudiful-scheduler/store-file': `${packages}store-file/src/index.ts`,
    },
    logLevel: 'silent',
  });
}
