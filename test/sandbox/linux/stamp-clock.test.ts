import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createStampClock } from '../../../server/sandbox/linux/stamp-clock.js';

t.test('an earlier file never has a later stamp, and a later file never an earlier one', (t) => {
  const folder = t.testdir();
  const clock = createStampClock(folder);
  let read = 0;
  for (let n = 0; n < 200; n++) {
    const [before, after] = [path.join(folder, `b${n}`), path.join(folder, `a${n}`)];
    fs.mkdirSync(before);
    const now = clock.now();
    fs.mkdirSync(after);
    // On a busy machine a stamp may be read late, and then it does not count.
    if (now === null) continue;
    read++;
    const [older, newer] = [fs.statSync(before).birthtimeMs, fs.statSync(after).birthtimeMs];
    if (older > now || newer < now) t.fail(`${older} ≤ ${now} ≤ ${newer} does not hold`);
  }
  t.ok(read > 100, `read ${read} times`);
  t.end();
});

t.test('a removed folder has no clock', (t) => {
  t.equal(createStampClock(path.join(t.testdir(), 'gone')).now(), null);
  t.end();
});
