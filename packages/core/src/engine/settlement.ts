/**
 * A result that comes later, for which a promise exists only while somebody asks. Nobody has to: a
 * rejection that is never looked at is not reported as unhandled.
 */
export class Settlement<T> {
  #outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  #promise: Promise<T> | undefined;
  #settlePromise: ((promise: Promise<T>) => void) | undefined;

  get promise(): Promise<T> {
    if (this.#promise === undefined) {
      this.#promise =
        this.#outcome === undefined
          ? new Promise((resolve) => {
              this.#settlePromise = resolve;
            })
          : toPromise(this.#outcome);
      this.#promise.catch(() => {});
    }
    return this.#promise;
  }

  resolve(value: T): void {
    this.#settle({ value });
  }

  reject(error: unknown): void {
    this.#settle({ error });
  }

  #settle(outcome: { readonly value: T } | { readonly error: unknown }): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#settlePromise?.(toPromise(outcome));
    this.#settlePromise = undefined;
  }
}

function toPromise<T>(outcome: { readonly value: T } | { readonly error: unknown }): Promise<T> {
  return 'value' in outcome ? Promise.resolve(outcome.value) : Promise.reject(outcome.error);
}
