import { Redis } from 'iovalkey';
import { describe, expect, it } from 'vitest';
import { flavours, isSkipped, TestServer } from './index.js';

describe.each(flavours().filter(({ program }) => program !== undefined))('$name', (flavour) => {
  it.skipIf(isSkipped(flavour))(
    'starts on a free port, and again with its data after it was killed',
    async () => {
      await using server = await TestServer.start({
        program: flavour.program as string,
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
