import t from 'tap';
import { pipeName } from '../../../clients/typescript/pipe-name.js';

t.test('every spelling of a path has one pipe, and another path another one', async (t) => {
  const name = pipeName('C:\\no such\\folder\\a.sock');
  t.match(name, /^\\\\\.\\pipe\\codexd-[0-9a-f]{40}$/);
  for (const same of [
    'c:\\NO SUCH\\folder\\x\\..\\A.sock',
    'C:/no such/folder/a.sock',
    '\\\\?\\C:\\no such\\folder\\a.sock',
  ])
    t.equal(pipeName(same), name, same);
  t.not(pipeName('C:\\no such\\folder\\b.sock'), name);
  t.equal(pipeName('\\\\?\\UNC\\host\\share\\a'), pipeName('\\\\host\\share\\a'));
});
