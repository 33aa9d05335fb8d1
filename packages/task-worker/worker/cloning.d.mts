/** A part of a value that cannot be cloned. */
export interface NotCloneable {
  readonly path: string;
  readonly what: string;
}

/** A thrown value as it is sent between threads. */
export interface EncodedThrown {
  readonly value?: unknown;
  readonly error?: object;
  readonly cause?: EncodedThrown | undefined;
}

export function findNotCloneable(value: unknown, path: string): NotCloneable | undefined;
export function encodeThrown(thrown: unknown): EncodedThrown;
export function decodeThrown(encoded: EncodedThrown): unknown;
