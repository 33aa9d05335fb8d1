import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ValkeyExecutionGuard } from './index.js';

const client = { getBuffer() {}, del() {}, evalsha() {}, eval() {} };

describe('options of ValkeyExecutionGuard', () => {
  it.each([
    [{ client }, { ttlMs: 1 }, 'ttlMs'],
    [{ client }, { ttlMs: 1.5 }, 'ttlMs'],
    [{ client }, { ttlMs: 2 ** 31 }, 'ttlMs'],
    [{ client }, { ttlMs: 100, renewEveryMs: 100 }, 'renewEveryMs'],
    [{ client }, { renewEveryMs: 0 }, 'renewEveryMs'],
    [{ client }, { completedTtlMs: -1 }, 'completedTtlMs'],
    [{ client }, { commandTimeoutMs: 0 }, 'commandTimeoutMs'],
    [{ client }, { keyPrefix: 5 }, 'keyPrefix'],
    [{ client }, { keyPrefix: 'a{}' }, 'keyPrefix'],
    [{ client }, { ttl: 5 }, 'ttl'],
    [{}, {}, undefined],
    [undefined, {}, undefined],
    ['valkey://localhost', {}, undefined],
    [{ client, url: 'valkey://localhost' }, {}, undefined],
    [{ clients: client }, {}, 'clients'],
    [{ client: {} }, {}, 'client'],
    [{ url: 5 }, {}, 'url'],
    [{ url: 'http://localhost' }, {}, 'url'],
    [{ url: 'valkey://localhost/name' }, {}, 'url'],
    [{ url: 'localhost:6379' }, {}, 'url'],
  ])('refuses %j with %j', (endpoint, options, name) => {
    const option = name === undefined ? 'valkeyExecutionGuard' : `valkeyExecutionGuard.${name}`;
    expect(() => new ValkeyExecutionGuard(endpoint as never, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }),
    );
  });

  it.each([
    [
      { url: 'valkey://localhost', ttlMs: 5 },
      'ttlMs: received 5, allowed is client or url; ttlMs is an option of',
    ],
    [{ url: 'valkey://localhost', password: 's' }, 'password: received "…", allowed is one of client, url'],
    ['valkey://localhost', ': received "valkey://…", allowed is an object with client or url'],
    [{ url: 'http://localhost' }, '.url: received "http://…", allowed is a URL such as valkey://host:6379'],
    [{ url: 'localhost' }, '.url: received "…", allowed is a URL such as valkey://host:6379'],
    [{ url: 5 }, '.url: received 5, allowed is a URL such as valkey://host:6379'],
    [{ url: 'valkey://localhost/name' }, '.url: received "valkey://…", allowed is a URL without a path'],
    [{}, ': received an object, allowed is an object with either client or url'],
  ])('says what is wrong with %j', (endpoint, message) => {
    expect(() => new ValkeyExecutionGuard(endpoint as never)).toThrow(message);
  });

  it('shows no password of an endpoint that has too much', () => {
    const endpoint = { client, url: 'valkey://user:s3cret@host', password: 's3cret' };
    for (const wrong of [endpoint, { url: new URL(endpoint.url) }, { client, url: endpoint.url }]) {
      let thrown: unknown;
      try {
        void new ValkeyExecutionGuard(wrong as never);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: 'ERR_INVALID_OPTION' });
      expect(inspect({ ...(thrown as object), message: String(thrown) }, { depth: 9 })).not.toContain(
        's3cret',
      );
    }
  });

  it.each(['valkey://user:s3cret@', 's3cret', 'http://user:s3cret@host', 'valkey://user:s3cret@host/s3cret'])(
    'does not show the password of a URL that it refuses: %s',
    (url) => {
      let thrown: unknown;
      try {
        void new ValkeyExecutionGuard({ url });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: 'ERR_INVALID_OPTION' });
      expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain('s3cret@');
      expect(String(thrown)).not.toContain('s3cret');
    },
  );
});
