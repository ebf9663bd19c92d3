import t from 'tap';
import { underAllNames } from '../../../server/sessions/shell/windows-names.js';

t.test('a command has all of its names, in any letters, with its words', async (t) => {
  t.ok(underAllNames(['Del', 'x']).some(([name, word]) => name === 'rm' && word === 'x'));
  t.strictSame(underAllNames(['git', 'push']), [['git', 'push']]);
  t.strictSame(underAllNames([]), [['']]);
});
