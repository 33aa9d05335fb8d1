/**
 * Work whose result may be shared by all callers that asked before it began. A caller that comes while
 * it is under way waits for the next round, so nobody gets what is older than the call.
 */
export class Coalesced<T> {
  readonly #work: () => Promise<T>;
  #running: Promise<void> | undefined;
  #next: Promise<T> | undefined;

  constructor(work: () => Promise<T>) {
    this.#work = work;
  }

  run(): Promise<T> {
    if (this.#running === undefined) return this.#begin();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  #begin(): Promise<T> {
    const result = this.#work();
    const settled: Promise<void> = result.then(
      () => this.#end(settled),
      () => this.#end(settled),
    );
    this.#running = settled;
    return result;
  }

  #end(settled: Promise<void>): void {
    if (this.#running === settled) this.#running = undefined;
  }
}
