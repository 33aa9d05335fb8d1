import { Cluster, Redis } from 'iovalkey';
import { freePort, TestServer } from './test-server.js';

const PRIMARIES = 3;
const SLOTS = 16_384;

/** A Cluster on the loopback interface: three primaries, and a replica of the first. */
export class TestCluster {
  /** The primaries, then the replica of the first. */
  readonly servers: readonly TestServer[];

  private constructor(servers: readonly TestServer[]) {
    this.servers = servers;
  }

  static async start(program: string): Promise<TestCluster> {
    const args = async () => [
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      '500',
      '--cluster-port',
      `${await freePort()}`,
      '--cluster-replica-validity-factor',
      '0',
      '--repl-diskless-sync-delay',
      '0',
    ];
    const servers: TestServer[] = [];
    for (let index = 0; index <= PRIMARIES; index += 1)
      servers.push(await TestServer.start({ program, args: await args() }));
    const cluster = new TestCluster(servers);
    await cluster.#join();
    return cluster;
  }

  /** A client of the whole cluster. */
  client(): Cluster {
    const nodes = this.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
    const client = new Cluster(nodes, { slotsRefreshInterval: 200, retryDelayOnFailover: 50 });
    client.on('error', () => {});
    return client;
  }

  /** Waits until the replica has everything that its primary has. */
  async settle(): Promise<void> {
    const primary = new Redis((this.servers[0] as TestServer).url);
    const offset = async (pattern: RegExp) => Number(pattern.exec(await primary.info('replication'))?.[1]);
    const written = await offset(/master_repl_offset:(\d+)/);
    await until(async () => (await offset(/slave0:.*offset=(\d+)/)) >= written);
    primary.disconnect();
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #join(): Promise<void> {
    const nodes = this.servers.map(({ url }) => new Redis(url));
    const [first] = nodes as [Redis, ...Redis[]];
    for (const [index, node] of nodes.entries()) {
      await node.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      if (index === PRIMARIES) continue;
      const [from, to] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / PRIMARIES)) as [
        number,
        number,
      ];
      await node.call('CLUSTER', 'ADDSLOTSRANGE', from, to - 1);
    }
    const busPorts = await Promise.all(
      nodes.map(async (node) => ((await node.config('GET', 'cluster-port')) as string[])[1]),
    );
    for (const [index, { port }] of this.servers.entries()) {
      if (index > 0) await first.call('CLUSTER', 'MEET', '127.0.0.1', port, busPorts[index] as string);
    }
    const primary = String(await first.call('CLUSTER', 'MYID'));
    const replica = nodes[PRIMARIES] as Redis;
    await until(async () => String(await replica.call('CLUSTER', 'NODES')).includes(primary));
    await until(
      async () => (await replica.call('CLUSTER', 'REPLICATE', primary).catch(() => 'not yet')) === 'OK',
    );
    for (const node of nodes) {
      await until(async () => {
        const [info, known] = [
          String(await node.call('CLUSTER', 'INFO')),
          String(await node.call('CLUSTER', 'NODES')),
        ];
        return (
          info.includes('cluster_state:ok') &&
          known.includes('slave') &&
          known.match(/connected/g)?.length === nodes.length
        );
      });
    }
    await until(async () => (await replica.info('replication')).includes('master_link_status:up'));
    for (const node of nodes) node.disconnect();
  }
}

/** Polls until `check` holds. */
export async function until(check: () => Promise<boolean>, longestMs = 30_000): Promise<void> {
  const deadline = performance.now() + longestMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error('What was waited for did not come');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
