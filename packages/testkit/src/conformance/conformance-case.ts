/**
 * One promise of a contract, as data: register it with whatever test runner there is.
 *
 * @example
 * ```ts
 * for (const { layer, name, run } of stateStoreConformance({ create })) test(`${layer}: ${name}`, run);
 * ```
 */
export interface ConformanceCase {
  /** Which part of the contract it belongs to. */
  readonly layer: string;
  /** What is promised. */
  readonly name: string;
  /** Resolves when the promise is kept, rejects with what was found otherwise. */
  readonly run: () => Promise<void>;
}

/** Thrown by a case whose promise is not kept. */
export class ConformanceError extends Error {
  /** The name of the class. */
  override get name(): string {
    return 'ConformanceError';
  }
}

/** Fails the case unless `condition` holds. */
export function expectThat(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new ConformanceError(otherwise);
}

/** Fails the case unless both are the same as text. */
export function expectSame(what: string, received: unknown, expected: unknown): void {
  const [left, right] = [textOf(received), textOf(expected)];
  if (left !== right) throw new ConformanceError(`${what}: expected ${right}, received ${left}`);
}

function textOf(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(value);
}
