import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsup';

const shared = fileURLToPath(new URL('packages/valkey-connection/src/index.ts', import.meta.url));

/** Used from the folder of each published package by scripts/build.mjs. */
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  // What the Valkey packages share is not published, so it is bundled into both.
  noExternal: ['@cloudiful-scheduler/valkey-connection'],
  external: [/^node:/],
  dts: {
    // The declarations name Symbol.asyncDispose, which is in no lib that a target brings.
    banner: '/// <reference lib="esnext.disposable" />',
    resolve: ['@cloudiful-scheduler/valkey-connection'],
    // Found by an absolute path, its types are bundled as well; by its name alone they would stay an import.
    compilerOptions: {
      ignoreDeprecations: '6.0',
      paths: { '@cloudiful-scheduler/valkey-connection': [shared] },
    },
  },
  tsconfig: '../../tsconfig.json',
  clean: true,
  sourcemap: true,
  silent: true,
});
