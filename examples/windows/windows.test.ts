import { expect, it } from 'vitest';
import { runExample } from '../start-example.js';

it('runs in its windows and says why it did not run at other times', async () => {
  expect(await runExample(new URL('main.mjs', import.meta.url))).toBe(
    `one column per hour in Asia/Shanghai; # ran, . skipped
Mon 02  .........###..........##
Tue 03  ##.......###..........##
Wed 04  ##.......###..........##
Thu 05  ##.......###..........##
Fri 06  ##.......###..........##
Sat 07  ##......................
Sun 08  ........................
outside_time_window: 133
run: 35
occurrences consumed: 168, last skip: outside_time_window
`,
  );
});
