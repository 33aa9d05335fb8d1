import type { ValkeyClient } from './client.js';

/**
 * Sends in one write what is sent until the present turn of the event loop ends: a write to the socket costs more
 * than all else of a command.
 */
export class WriteBatch {
  #isOpen = false;

  constructor(private readonly client: ValkeyClient) {}

  open(): void {
    const { stream } = this.client;
    if (this.#isOpen || stream?.cork === undefined) return;
    this.#isOpen = true;
    stream.cork();
    process.nextTick(() => {
      this.#isOpen = false;
      stream.uncork?.();
    });
  }
}
