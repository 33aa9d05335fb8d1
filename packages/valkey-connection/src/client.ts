/** Text or bytes that are sent to the server. */
export type ValkeyArgument = string | Buffer | number;

/**
 * What is used of a client. `Redis` and `Cluster` of iovalkey have it, for a single server, Sentinel and
 * Cluster alike.
 */
export interface ValkeyClient {
  getBuffer(key: string | Buffer): Promise<Buffer | null>;
  del(key: string | Buffer): Promise<number>;
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: ValkeyArgument[]): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: ValkeyArgument[]): Promise<unknown>;
  /** The connection to a single server, if there is one; what is sent in one turn then goes together. */
  readonly stream?: { cork?(): void; uncork?(): void } | undefined;
}

/**
 * The server to use: a client of the caller, which is never closed here, or the URL of a single server
 * (`valkey:`, `valkeys:`, `redis:`, `rediss:`), to which a connection is opened with the first call.
 */
export type ValkeyEndpoint =
  | { readonly client: ValkeyClient; readonly url?: undefined }
  | { readonly url: string; readonly client?: undefined };
