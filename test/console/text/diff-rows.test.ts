import t from 'tap';
import { diffCounts, diffRows } from '../../../clients/console/text/diff-rows.js';

t.test('a hunk numbers its lines in both files', async (t) => {
  const rows = diffRows('--- a\n+++ b\n@@ -3,2 +3,3 @@ f()\n same\n-old\n+new\n+more\n\\ No newline at end of file\n');
  t.strictSame(
    rows.map(({ kind, before, after, text }) => [kind, before, after, text]),
    [
      ['note', null, null, '--- a'],
      ['note', null, null, '+++ b'],
      ['hunk', null, null, '@@ -3,2 +3,3 @@ f()'],
      ['same', 3, 3, 'same'],
      ['remove', 4, null, 'old'],
      ['add', null, 4, 'new'],
      ['add', null, 5, 'more'],
      ['note', null, null, '\\ No newline at end of file'],
    ],
  );
  t.strictSame(diffCounts(rows), { added: 2, removed: 1 });
});

t.test('lines that look like file names stay lines of a hunk', async (t) => {
  t.strictSame(
    diffRows('@@ -1 +1 @@\n--- x\n+++ y\n').map(({ kind }) => kind),
    ['hunk', 'remove', 'add'],
  );
});

t.test('the content of a new or deleted file has no hunk', async (t) => {
  t.strictSame(diffRows('a\nb\n')[1], { kind: 'add', text: 'b', before: null, after: 2 });
  t.strictSame(diffRows('a', 'remove'), [{ kind: 'remove', text: 'a', before: 1, after: null }]);
  t.strictSame(diffRows(''), []);
});
