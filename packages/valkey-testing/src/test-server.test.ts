import { Redis } from 'iovalkey';
import { expect, it } from 'vitest';
import { describeOnEachServer, TestServer } from './index.js';

describeOnEachServer('the server of the tests', ({ program }) => {
  it.skipIf(program === undefined)(
    'starts on a free port, and again with its data after it was killed',
    async () => {
      await using server = await TestServer.start({
        program: program as string,
        args: ['--appendonly', 'yes'],
      });
      const client = new Redis(server.url, { lazyConnect: true });
      client.on('error', () => {});
      expect(await client.set('key', 'value')).toBe('OK');
      await server.kill();
      await server.restart();
      expect(await client.get('key')).toBe('value');
      client.disconnect();
    },
  );
});
