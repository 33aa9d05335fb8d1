import { defineConfig } from 'tsup';

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
    resolve: ['@cloudiful-scheduler/valkey-connection'],
    compilerOptions: { ignoreDeprecations: '6.0' },
  },
  tsconfig: '../../tsconfig.json',
  clean: true,
  sourcemap: true,
  silent: true,
});
