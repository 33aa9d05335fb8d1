import { connect, createServer, type Server, type Socket } from 'node:net';

/** What the proxy does to connections; each fault stays until it is changed. */
export type Fault =
  /** Passes everything on. */
  | { readonly kind: 'none' }
  /** Nothing listens on the port; existing connections are cut. */
  | { readonly kind: 'refuse' }
  /** Resets a connection as soon as the client sends something. */
  | { readonly kind: 'reset' }
  /** Passes requests on, then ends the connection towards the client without the reply. */
  | { readonly kind: 'half_close' }
  /** Accepts and reads, and passes nothing on in either direction; such a connection never comes back. */
  | { readonly kind: 'stall' }
  /** Passes replies on after a while. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Passes requests on and swallows the replies; such a connection never comes back. */
  | { readonly kind: 'drop_reply' }
  /** Passes on half of the next reply, then resets. */
  | { readonly kind: 'cut_reply' };

/** A TCP proxy on the loopback interface that can be told to misbehave. */
export class FaultyProxy {
  readonly #deaf = new WeakSet<Socket>();
  readonly #mute = new WeakSet<Socket>();
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>();
  #server: Server | undefined;
  #port = 0;
  #fault: Fault = { kind: 'none' };

  private constructor(
    /** Where new connections lead. */
    public targetPort: number,
  ) {}

  static async start(targetPort: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(targetPort);
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `valkey://127.0.0.1:${this.#port}`;
  }

  async set(fault: Fault): Promise<void> {
    const wasRefusing = this.#fault.kind === 'refuse';
    this.#fault = fault;
    if (fault.kind === 'refuse' && !wasRefusing) await this.#stopListening();
    else if (fault.kind !== 'refuse' && wasRefusing) await this.#listen();
  }

  async stop(): Promise<void> {
    if (this.#fault.kind !== 'refuse') await this.#stopListening();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #listen(): Promise<void> {
    const server = createServer((client) => this.#accept(client));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as { port: number }).port;
  }

  async #stopListening(): Promise<void> {
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  #accept(client: Socket): void {
    const server = connect(this.targetPort, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (chunk) => this.#onRequest(client, server, chunk));
    server.on('data', (chunk) => this.#onReply(client, chunk));
  }

  #onRequest(client: Socket, server: Socket, chunk: Buffer): void {
    const { kind } = this.#fault;
    if (kind === 'reset') {
      client.resetAndDestroy();
      return;
    }
    if (kind === 'stall') this.#deaf.add(client);
    if (!this.#deaf.has(client)) server.write(chunk);
  }

  #onReply(client: Socket, chunk: Buffer): void {
    const fault = this.#fault;
    // TCP loses nothing in the middle: what comes after a lost reply is lost as well.
    if (fault.kind === 'stall' || fault.kind === 'drop_reply') this.#mute.add(client);
    if (this.#mute.has(client)) return;
    switch (fault.kind) {
      case 'none':
        client.write(chunk);
        break;
      case 'delay':
        setTimeout(() => client.writable && client.write(chunk), fault.ms);
        break;
      case 'half_close':
        client.end();
        break;
      case 'cut_reply':
        client.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => client.resetAndDestroy());
        break;
      default:
    }
  }
}
