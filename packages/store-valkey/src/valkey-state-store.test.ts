import { describe, expect, it } from 'vitest';
import { ResilientValkeyStateStore, ValkeyStateStore } from './index.js';

const client = { getBuffer() {}, del() {}, evalsha() {}, eval() {} } as never;

describe('options', () => {
  it.each([
    [{ commandTimeoutMs: 0 }, 'valkeyStateStore.commandTimeoutMs'],
    [{ commandTimeoutMs: Number.POSITIVE_INFINITY }, 'valkeyStateStore.commandTimeoutMs'],
    [{ keyPrefix: null }, 'valkeyStateStore.keyPrefix'],
    [{ prefix: '' }, 'valkeyStateStore.prefix'],
    [null, 'valkeyStateStore'],
  ])('of ValkeyStateStore: refuses %j', (options, option) => {
    expect(() => new ValkeyStateStore({ client }, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }),
    );
  });

  it.each([
    [{ commandTimeoutMs: 0 }, 'valkeyStateStore.commandTimeoutMs'],
    [{ recovery: { probeEveryMs: 0 } }, 'resilientStateStore.recovery.probeEveryMs'],
    [{ prefix: '' }, 'resilientValkeyStateStore.prefix'],
    [null, 'resilientValkeyStateStore'],
  ])('of ResilientValkeyStateStore: refuses %j', (options, option) => {
    expect(() => new ResilientValkeyStateStore({ client }, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }),
    );
  });

  it('refuses anything but one client or one URL', () => {
    expect(() => new ValkeyStateStore({} as never)).toThrow('either client or url');
    expect(() => new ValkeyStateStore({ client, keyPrefix: '' } as never)).toThrow(
      'valkeyStateStore.keyPrefix: received "…", allowed is client or url; keyPrefix is an option of the second',
    );
  });
});
