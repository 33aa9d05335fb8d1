import { join } from 'node:path';
import { readSamples } from './sample-file.mjs';
import { dataDirectory } from './settings.mjs';

for (const sample of await readSamples(join(dataDirectory, 'samples.ndjson'))) {
  console.log(sample.scheduledAt, `attempt ${sample.attempt}`, `cpu ${Math.round(sample.cpuBusy * 100)} %`);
}
