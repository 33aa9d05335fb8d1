import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ValkeyArgument } from './client.js';
import { CommandBatch } from './command-batch.js';
import { Script } from './script.js';

const SCRIPT = new Script('return 1', { keys: 1, values: 1, subject: 0 });
const OTHER = new Script('return 2', { keys: 1, values: 1, subject: 0 });

function refusal(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A client that keeps what it is told to run; each key is answered with itself, unless `answer` says otherwise. */
class FakeClient {
  readonly sent: { readonly script: string; readonly keys: string[]; readonly values: string[] }[] = [];
  readonly stream: Writable | undefined = new Writable({ write: (_chunk, _encoding, done) => done() });
  answer: (keys: string[]) => readonly unknown[] = (keys) => keys;

  async evalsha(script: string, count: number, ...rest: ValkeyArgument[]): Promise<unknown> {
    const keys = rest.slice(0, count).map(String);
    this.sent.push({ script, keys, values: rest.slice(count).map(String) });
    return this.answer(keys);
  }

  async eval(script: string, count: number, ...rest: ValkeyArgument[]): Promise<unknown> {
    return this.evalsha(script, count, ...rest);
  }

  async getBuffer(): Promise<null> {
    return null;
  }

  async del(): Promise<number> {
    return 0;
  }
}

function run(batch: CommandBatch, key: string, script = SCRIPT, isExpired = () => false): Promise<unknown> {
  return new Promise((resolve, reject) => {
    batch.run(script, { keys: [key], values: [`of ${key}`], isExpired, resolve, reject });
  });
}

function runAll(batch: CommandBatch, keys: readonly string[]): Promise<unknown[]> {
  return Promise.all(keys.map((key) => run(batch, key).catch((error: Error) => error.message)));
}

it('writes at once what is sent in one turn of the event loop', async () => {
  const written: string[][] = [];
  const stream = new Writable({
    writev(chunks, done) {
      written.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
  });
  const batch = new CommandBatch(Object.assign(new FakeClient(), { stream }));
  const send = (text: string): void => {
    batch.open();
    stream.write(text);
  };
  send('a');
  send('b');
  await Promise.resolve().then(() => send('c'));
  await nextTurn();
  send('d');
  send('e');
  await nextTurn();
  expect(written).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
});

describe('items of one turn', () => {
  it('are sent with one command for each script', async () => {
    const client = new FakeClient();
    const batch = new CommandBatch(client);
    expect(await Promise.all([run(batch, 'a'), run(batch, 'b', OTHER), run(batch, 'c')])).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(client.sent).toEqual([
      { script: SCRIPT.sha1, keys: ['a', 'c'], values: ['of a', 'of c'] },
      { script: OTHER.sha1, keys: ['b'], values: ['of b'] },
    ]);
  });

  it('are sent in parts when there are many', async () => {
    const client = new FakeClient();
    const keys = Array.from({ length: 130 }, (_, index) => `${index}`);
    expect(await runAll(new CommandBatch(client), keys)).toEqual(keys);
    expect(client.sent.map((command) => command.keys.length)).toEqual([64, 64, 2]);
  });

  it('are sent in parts when they are long', async () => {
    const client = new FakeClient();
    const keys = ['a', 'b', 'c', 'd'].map((key) => key.repeat(60_000));
    expect(await runAll(new CommandBatch(client), [...keys, 'e'.repeat(200_000)])).toHaveLength(5);
    expect(client.sent.map((command) => command.keys.map(([first]) => first).join(''))).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
    expect(
      await runAll(
        new CommandBatch(client),
        ['a', 'b'].map((key) => key.repeat(30_000)),
      ),
    ).toHaveLength(2);
    expect(client.sent.at(-1)?.keys).toHaveLength(2);
  });

  it('that fail are sent by themselves, so that the client sees the error', async () => {
    const client = new FakeClient();
    client.answer = (keys) => {
      if (keys.join('') === 'b') throw refusal('READONLY, b alone');
      return keys.map((key) => (key === 'b' ? refusal('READONLY') : key));
    };
    expect(await runAll(new CommandBatch(client), ['a', 'b', 'c'])).toEqual(['a', 'READONLY, b alone', 'c']);
    expect(client.sent.map(({ keys }) => keys.join(''))).toEqual(['abc', 'b']);
  });

  it('that fail in the answer to themselves are not sent again', async () => {
    const client = new FakeClient();
    client.answer = (keys) => keys.map(() => refusal('WRONGTYPE'));
    expect(await runAll(new CommandBatch(client), ['a'])).toEqual(['WRONGTYPE']);
    expect(client.sent).toHaveLength(1);
  });

  it.each<[asked: string, sent: string[]]>([
    ['1a 2b 1b', ['1a', '2b', '1b']],
    ['1a 2b 1b 1c 2c 1a', ['1a', '2b', '1bca', '2c']],
    ['1a 2b 1c 2d', ['1ac', '2bd']],
    ['1a 1a 2a 2a 1a', ['1aa', '2aa', '1a']],
    ['1a 2b -b 1b', ['1a', '2b', '-b', '1b']],
    ['1a -b 1c', ['-b', '1ac']],
  ])('that change the same keep their order: %s', async (asked, sent) => {
    const client = new FakeClient();
    const order: string[] = [];
    client.answer = (keys) => {
      order.push(`${client.sent.at(-1)?.script === SCRIPT.sha1 ? 1 : 2}${keys.join('')}`);
      return keys;
    };
    const batch = new CommandBatch(client);
    const answers: Promise<unknown>[] = [];
    for (const [kind, key = ''] of asked.split(' ')) {
      if (kind === '-') {
        batch.open(key);
        order.push(`-${key}`);
      } else answers.push(run(batch, key, kind === '1' ? SCRIPT : OTHER));
    }
    await Promise.all(answers);
    expect(order).toEqual(sent);
  });

  it('are sent apart when the server refuses them together', async () => {
    const client = new FakeClient();
    client.answer = (keys) => {
      if (keys.includes('b')) throw refusal('NOPERM of b');
      return keys;
    };
    const batch = new CommandBatch(client);
    expect(await runAll(batch, ['a', 'b', 'c'])).toEqual(['a', 'NOPERM of b', 'c']);
    expect(client.sent.map(({ keys }) => keys.join(''))).toEqual(['abc', 'a', 'b', 'c']);
    expect(await runAll(batch, ['d', 'e'])).toEqual(['d', 'e']);
    expect(client.sent.at(-1)?.keys).toEqual(['d', 'e']);
  });

  it('are never sent together again to a server whose keys are in slots', async () => {
    const client = new FakeClient();
    client.answer = (keys) => {
      if (keys.length > 1) throw refusal("CROSSSLOT Keys in request don't hash to the same slot");
      return keys;
    };
    const batch = new CommandBatch(client);
    expect(await runAll(batch, ['a', 'b'])).toEqual(['a', 'b']);
    expect(await runAll(batch, ['c', 'd'])).toEqual(['c', 'd']);
    expect(client.sent.map(({ keys }) => keys.join(''))).toEqual(['ab', 'a', 'b', 'c', 'd']);
  });

  it('all fail when the connection does, and none is sent again', async () => {
    const client = new FakeClient();
    client.answer = () => {
      throw new Error('Connection is closed.');
    };
    expect(await runAll(new CommandBatch(client), ['a', 'b'])).toEqual([
      'Connection is closed.',
      'Connection is closed.',
    ]);
    expect(client.sent).toHaveLength(1);
  });

  it('are not sent apart once nobody waits for them', async () => {
    const client = new FakeClient();
    let expired = false;
    client.answer = () => {
      expired = true;
      throw refusal('OOM command not allowed');
    };
    const batch = new CommandBatch(client);
    void run(batch, 'a', SCRIPT, () => expired).catch(() => {});
    void run(batch, 'b', SCRIPT, () => expired).catch(() => {});
    await nextTurn();
    await nextTurn();
    expect(client.sent).toHaveLength(1);
  });

  it('are sent with the source of a script that the server does not know', async () => {
    const client = new FakeClient();
    client.answer = (keys) => {
      if (client.sent.length === 1) throw refusal('NOSCRIPT No matching script.');
      return keys;
    };
    expect(await runAll(new CommandBatch(client), ['a', 'b'])).toEqual(['a', 'b']);
    expect(client.sent.map(({ script, keys }) => [script, keys.join('')])).toEqual([
      [SCRIPT.sha1, 'ab'],
      [SCRIPT.source, 'ab'],
    ]);
  });

  it('are not sent with the source of their script once nobody waits for them', async () => {
    const client = new FakeClient();
    client.answer = (keys) => {
      if (client.sent.length === 1) throw refusal('NOSCRIPT No matching script.');
      return keys;
    };
    const batch = new CommandBatch(client);
    const given = run(batch, 'a');
    const expired = run(batch, 'b', SCRIPT, () => client.sent.length > 0);
    await expect(expired).rejects.toThrow('NOSCRIPT');
    expect(await given).toBe('a');
    expect(client.sent.map(({ keys }) => keys.join(''))).toEqual(['ab', 'a']);
  });

  it('go one by one over a client of several connections', async () => {
    for (const stream of [undefined, {} as Writable]) {
      const client = Object.assign(new FakeClient(), { stream });
      expect(await runAll(new CommandBatch(client), ['a', 'b'])).toEqual(['a', 'b']);
      expect(client.sent.map(({ keys }) => keys.join(''))).toEqual(['a', 'b']);
    }
  });
});
