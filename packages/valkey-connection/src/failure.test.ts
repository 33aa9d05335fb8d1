import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { toFailure } from './failure.js';

describe('toFailure', () => {
  it.each([
    'connect ECONNREFUSED 127.0.0.1:6379',
    'read ECONNRESET',
    'getaddrinfo ENOTFOUND host',
    'getaddrinfo EAI_AGAIN host',
    'Connection is closed.',
    'Command timed out',
    'Reached the max retries per request limit (which is 20).',
    'LOADING server is loading the dataset in memory',
    'READONLY You can’t write against a read only replica.',
    'CLUSTERDOWN The cluster is down',
    'MOVED 3999 127.0.0.1:6381',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'MASTERDOWN Link with MASTER is down',
    'OOM command not allowed when used memory > maxmemory',
    'MISCONF Errors writing to the AOF file',
    'BUSY a script is running',
    'ERR max number of clients reached',
    'All sentinels are unreachable',
    'something that nobody has seen before',
  ])('retries after %j', (message) => {
    expect(toFailure(new Error(message))).toMatchObject({ kind: 'connection', message });
  });

  it.each([
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
    "NOPERM User x has no permissions to run the 'get' command",
    'Ready check failed: NOAUTH Authentication required.',
    'ERR DB index is out of range',
    "ERR unknown command 'EVALSHA'",
    'DENIED running in protected mode',
    "ERR The user executing the script can't run this command or subcommand script: 1, on @user_script:12.",
    "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments",
  ])('does not retry after %j', (message) => {
    expect(toFailure(new Error(message)).kind).toBe('denied');
  });

  it('knows what a server says also where a short password is part of it', () => {
    expect(toFailure(new Error('NOPERM User x has no permissions'), ['P'])).toMatchObject({
      kind: 'denied',
      message: 'NO***ERM User x has no permissions',
    });
  });

  it('takes a key of another type for data that cannot be read', () => {
    expect(
      toFailure(new Error('WRONGTYPE Operation against a key, script: 1, on @user_script:2.')).kind,
    ).toBe('data');
  });

  it('looks at why the last node of a cluster could not be reached', () => {
    const lastNodeError = new Error('WRONGPASS invalid username-password pair');
    const failure = toFailure(Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError }));
    expect(failure.kind).toBe('denied');
    expect(failure.message).toBe('Failed to refresh slots cache.: WRONGPASS invalid username-password pair');
  });

  it('hands on name, message and code, and nothing else', () => {
    const error = Object.assign(new Error('the password s3cret is wrong'), {
      name: 'ReplyError',
      code: 'ECODE',
      command: { name: 'auth', args: ['user', 's3cret'] },
    });
    const { message, cause } = toFailure(error, ['s3cret', '']);
    expect(message).toBe('the password *** is wrong');
    expect(cause).toMatchObject({ name: 'ReplyError', code: 'ECODE', message });
    expect(inspect(cause, { showHidden: true, depth: 9 })).not.toContain('s3cret');
  });

  it.each([undefined, null, 5, 'text', {}, { message: 5 }])('copes with %j', (thrown) => {
    expect(toFailure(thrown).kind).toBe('connection');
  });
});
