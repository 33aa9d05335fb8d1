/** What sort of trouble a failed command is in. */
export type FailureKind = 'connection' | 'denied' | 'data';

/** A failed command, without anything that must not be seen in a log. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  /** A copy of the client's error with nothing but name, message and code. */
  readonly cause: Error;
}

interface ClientError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  /** Why the last node of a cluster could not be reached. */
  readonly lastNodeError?: unknown;
}

const DENIED =
  /\b(?:NOAUTH|WRONGPASS|NOPERM|DENIED)\b|ACL failure in script|invalid password|without any password configured|no password is set|unknown command|DB index is out of range|called without any password|can't run this command|can't access at least one of the keys/;
const DATA = /\bWRONGTYPE\b/;

/**
 * Tells what will not heal by itself (`denied`) and what cannot be read (`data`) from everything else,
 * which is retried (`connection`). The client's errors carry the arguments of the command, a password
 * among them; only name, message and code are taken over, and `secrets` are blotted out.
 */
export function toFailure(error: unknown, secrets: readonly string[] = []): Failure {
  const { name, code, message, lastNodeError } = toClientError(error);
  const detail = lastNodeError === undefined ? '' : `: ${toFailure(lastNodeError, secrets).message}`;
  const said = typeof message === 'string' && message !== '' ? message : describeCode(code);
  const text = blot(`${said}${detail}`, secrets);
  const cause = new Error(text);
  cause.stack = text;
  Object.defineProperty(cause, 'name', {
    value: typeof name === 'string' ? name : 'Error',
    configurable: true,
  });
  if (typeof code === 'string') Object.assign(cause, { code });
  return { kind: kindOf(`${said}${detail}`), message: text, cause };
}

function kindOf(text: string): FailureKind {
  if (DENIED.test(text)) return 'denied';
  return DATA.test(text) ? 'data' : 'connection';
}

function toClientError(error: unknown): ClientError {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}

function describeCode(code: unknown): string {
  return typeof code === 'string' ? code : 'the connection failed';
}

function blot(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((result, secret) => result.replaceAll(secret, '***'), text);
}
