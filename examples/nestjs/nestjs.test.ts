import { expect, it } from 'vitest';
import { startExample } from '../start-example.js';

it('runs a job of a Nest application, which lets the run end before it closes what the run uses', async () => {
  const app = startExample(new URL('main.ts', import.meta.url), {
    env: { TASK_MS: '5000', NO_COLOR: '1' },
  });
  await app.seen(/^prices are being refreshed$/m);
  app.kill('SIGTERM');
  await app.ended;
  const end = app.output().slice(app.output().indexOf('prices are being refreshed'));
  expect(end).toMatch(/prices are refreshed\n[^]*refresh-prices succeeded in \d+ ms\n/);
  expect(end).toMatch(/refresh-prices stopped: shutdown\nthe connection is closed\n$/);
  expect(end).not.toContain('failed');
});
