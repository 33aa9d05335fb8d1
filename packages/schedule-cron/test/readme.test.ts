import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the example of the README is the program that can be run', () => {
  expect(textOf('../README.md')).toContain(`\`\`\`js\n${textOf('../../../examples/cron/main.mjs')}\`\`\`\n`);
});
