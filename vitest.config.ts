import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const packages = fileURLToPath(new URL('./packages/', import.meta.url));

export default defineConfig({
  resolve: {
    alias: Object.fromEntries(
      readdirSync(packages).map((name) => [
        `@cloudiful-scheduler/${name}`,
        `${packages}${name}/src/index.ts`,
      ]),
    ),
  },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      '{bench,examples,examples/*,scripts}/*.test.ts',
      'docs/*/**/*.test.ts',
    ],
    testTimeout: 60_000,
  },
});
