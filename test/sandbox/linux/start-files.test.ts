import fs from 'node:fs';
import t from 'tap';
import { createStartFiles } from '../../../server/sandbox/linux/start-files.js';
import { recordOf } from '../../../server/system/node/objects.js';

t.test('the files of a start are open at their start, and nothing is open before', (t) => {
  const folder = t.testdir({ filter: 'F' });
  const opened: number[] = [];
  let left = 10;
  const openNameless = (): number => {
    if (left-- <= 0) throw new Error('no more');
    const descriptor = fs.openSync(`${folder}/file-${opened.length}`, 'wx+');
    opened.push(descriptor);
    return descriptor;
  };
  const filters = recordOf(['offline', 'lane', 'direct'] as const, () => `${folder}/filter`);
  const files = createStartFiles({ filters, openNameless }, 'offline', Buffer.from('words'));
  t.equal(opened.length, 0);
  const [launch = -1, filter = -1] = files.open();
  t.equal(fs.readFileSync(launch, 'utf8'), 'words');
  t.equal(fs.readFileSync(filter, 'utf8'), 'F');
  const advance = files.advance.open();
  t.equal(fs.readFileSync(advance.launch, 'utf8'), '');
  t.equal(fs.readFileSync(advance.script, 'utf8'), '');
  t.not(advance.launch, advance.script);
  for (const descriptor of [launch, filter, ...Object.values(advance)]) fs.closeSync(descriptor);

  left = 1;
  t.throws(() => files.advance.open(), { message: 'no more' });
  t.throws(() => fs.fstatSync(opened.at(-1) ?? -1), { code: 'EBADF' }, 'what was open is closed');
  left = 5;
  fs.rmSync(`${folder}/filter`);
  t.throws(() => files.open(), { code: 'sandbox.refused' });
  t.throws(() => fs.fstatSync(opened.at(-1) ?? -1), { code: 'EBADF' });
  t.end();
});
