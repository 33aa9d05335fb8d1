import { Redis } from 'iovalkey';
import { toFailure } from './failure.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** The states of a client in which there is a connection that can be dropped. */
const CONNECTED = new Set(['connecting', 'connect', 'ready']);

/**
 * A connection that is opened here. Nothing is queued while it is away and nothing is sent twice, so that a
 * command is not carried out long after its caller gave up. It reconnects for as long as it is not closed.
 */
export class OwnClient {
  readonly redis: Redis;
  /** What must not be seen in a message. */
  readonly secrets: readonly string[];
  #lastError: unknown;
  #attempt: Promise<void> | undefined;
  #resetting = false;
  #epoch = 0;

  constructor(url: string, timeoutMs: number) {
    const { hostname, port, pathname, protocol, username, password } = new URL(url);
    const user = decodeURIComponent(username);
    const secret = decodeURIComponent(password);
    this.secrets = [secret, password];
    this.redis = new Redis({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 6379 : Number(port),
      family: 0,
      familyFallback: { enabled: false },
      db: Number(pathname.slice(1)),
      ...(user === '' ? {} : { username: user }),
      ...(secret === '' ? {} : { password: secret }),
      ...(protocol === 'valkeys:' || protocol === 'rediss:' ? { tls: {} } : {}),
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      maxLoadingRetryTime: 500,
      connectTimeout: timeoutMs,
      disconnectTimeout: 100,
      keepAlive: 30_000,
      retryStrategy: pauseBeforeRetry,
      // After a failover the address may lead to another server.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    this.redis.on('error', (error) => {
      this.#lastError = error;
      // The connection may be usable all the same, as another user or in another database.
      if (isDenied(error)) this.reset(this.#epoch);
    });
    this.redis.on('ready', () => {
      if (!this.#resetting) this.#lastError = undefined;
    });
    this.redis.on('close', () => {
      this.#epoch += 1;
      this.#resetting = false;
    });
  }

  /** Why there is no connection; `undefined` while there is one. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Names the present connection. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether commands can be sent. */
  get isReady(): boolean {
    return this.redis.status === 'ready' && !this.#resetting;
  }

  /** Resolves when commands can be sent; rejects when an attempt to connect has failed. */
  ready(): Promise<void> {
    const { status } = this.redis;
    if (this.isReady) return Promise.resolve();
    if (
      status === 'reconnecting' &&
      this.#lastError !== undefined &&
      toFailure(this.#lastError).kind === 'denied'
    ) {
      return Promise.reject(this.#lastError);
    }
    this.#attempt ??= this.#nextAttempt().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  /** Drops the connection of `epoch`, which does not answer, so that another one is opened. */
  reset(epoch: number): void {
    if (epoch !== this.#epoch || this.#resetting || !CONNECTED.has(this.redis.status)) return;
    this.#resetting = true;
    this.redis.disconnect(true);
  }

  close(): void {
    this.redis.disconnect();
  }

  #nextAttempt(): Promise<void> {
    const { redis } = this;
    return new Promise((resolve, reject) => {
      let oldOneIsClosing = this.#resetting;
      const settle = (outcome: () => void) => {
        redis.off('ready', onReady);
        redis.off('close', onClose);
        outcome();
      };
      const onReady = () => {
        if (!this.#resetting) settle(resolve);
      };
      const onClose = () => {
        if (oldOneIsClosing) oldOneIsClosing = false;
        else settle(() => reject(this.#lastError ?? new Error('Connection is closed.')));
      };
      redis.on('ready', onReady);
      redis.on('close', onClose);
      if (redis.status === 'wait' || redis.status === 'end') redis.connect().catch(() => {});
    });
  }
}

function isDenied(error: unknown): boolean {
  return error !== undefined && toFailure(error).kind === 'denied';
}

/** Doubles up to a bound, less up to a half at random, so that instances do not come back all at once. */
function pauseBeforeRetry(attempt: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
  return Math.round(longest * (0.5 + Math.random() / 2));
}
