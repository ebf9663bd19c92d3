import fs from 'node:fs';
import t from 'tap';
import { writeAtStart } from '../../../server/system/node/write-at-start.js';

t.test('what is written at the start is read from the start', (t) => {
  const descriptor = fs.openSync(`${t.testdir()}/file`, 'wx+');
  const content = Buffer.alloc(300_000, 'content');
  writeAtStart(descriptor, content);
  t.ok(fs.readFileSync(descriptor).equals(content));
  writeAtStart(descriptor, Buffer.alloc(0));
  fs.closeSync(descriptor);
  t.end();
});
