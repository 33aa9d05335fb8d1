import { createHash } from 'node:crypto';

/** A constant Lua script. Data reaches it by KEYS and ARGV alone. */
export class Script {
  /** What the server calls it. */
  readonly sha1: string;

  constructor(readonly source: string) {
    this.sha1 = createHash('sha1').update(source).digest('hex');
  }
}
