import t from 'tap';
import { batchArguments } from '../../../server/system/windows/batch.js';

t.test('the line of a batch file quotes every word', async (t) => {
  const words = ['"C:\\a b\\x.cmd"', '"y"', '"a""b"', '"%%cd:~,%PATH%%cd:~,%"', '"c\\\\"', '"d\\\\"""'];
  t.strictSame(batchArguments('C:\\a b\\x.cmd', ['y', 'a"b', '%PATH%', 'c\\', 'd\\"']), [
    ...['/d', '/e:ON', '/v:OFF', '/s', '/c'],
    `"${words.join(' ')}"`,
  ]);
});

t.test('what cmd.exe cannot get is refused', async (t) => {
  for (const word of ['a\nb', 'a\rb', 'a\0b']) t.equal(batchArguments('C:\\x.cmd', [word]), null);
  for (const file of ['C:\\%TEMP%\\x.cmd', 'C:\\a\nb.cmd']) t.equal(batchArguments(file, []), null);
});
