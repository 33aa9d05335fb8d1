import { Redis } from 'iovalkey';
import { until } from './test-cluster.js';
import { TestServer } from './test-server.js';

const NAME = 'main';

/** A primary, its replica, and a Sentinel that lets the replica take over. */
export class TestSentinel {
  private constructor(
    readonly primary: TestServer,
    readonly replica: TestServer,
    private readonly sentinel: TestServer,
  ) {}

  static async start(program: string): Promise<TestSentinel> {
    const args = ['--repl-diskless-sync-delay', '0'];
    const primary = await TestServer.start({ program, args });
    const replica = await TestServer.start({
      program,
      args: [...args, '--replicaof', `127.0.0.1 ${primary.port}`],
    });
    const client = new Redis(replica.url);
    await until(async () => (await client.info('replication')).includes('master_link_status:up'));
    client.disconnect();
    const config = [
      `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds ${NAME} 500`,
      `sentinel failover-timeout ${NAME} 2000`,
    ].join('\n');
    const sentinel = await TestServer.start({ program, config, args: ['--sentinel'] });
    const all = new TestSentinel(primary, replica, sentinel);
    await all.#untilTheReplicaIsKnown();
    return all;
  }

  /** A client that asks the Sentinel for the primary. */
  client(): Redis {
    const client = new Redis({
      sentinels: [{ host: '127.0.0.1', port: this.sentinel.port }],
      name: NAME,
      sentinelRetryStrategy: () => 50,
    });
    client.on('error', () => {});
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all([this.sentinel, this.primary, this.replica].map((server) => server.stop()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #untilTheReplicaIsKnown(): Promise<void> {
    const client = new Redis(this.sentinel.url);
    await until(async () => ((await client.call('SENTINEL', 'REPLICAS', NAME)) as unknown[]).length === 1);
    client.disconnect();
  }
}
