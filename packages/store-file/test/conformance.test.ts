import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateStoreConformance } from '@cloudiful-scheduler/testkit';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { FileStateStore } from '../src/index.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'conformance-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('FileStateStore', () => {
  const open = () => new FileStateStore(directory);
  it.each(stateStoreConformance({ create: open, open }))('$layer: $name', ({ run }) => run());
});
