import fc from 'fast-check';
import t from 'tap';
import { PatchProgress } from '../../../../server/sessions/tools/apply-patch/patch-progress.js';

const patch = (...lines: string[]): string => ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n');

/** The changes as `path kind: diff`, after the whole text; null: nothing more would be shown. */
function shown(text: string, size = text.length): readonly string[] | null {
  const progress = new PatchProgress();
  for (let at = 0; at < text.length; at += size) progress.push(text.slice(at, at + size));
  if (!progress.end()) return null;
  return progress.changes().map(({ path, kind, diff }) => {
    const moved = kind.type === 'update' && kind.move_path !== null ? `>${kind.move_path}` : '';
    return `${path} ${kind.type}${moved}: ${diff}`;
  });
}

t.test('what a patch says is shown file by file, sorted, with the paths as written', async (t) => {
  const text = patch(
    '*** Add File: b/new.txt',
    '+one',
    '+',
    '*** Update File: old.txt',
    '@@ anchor',
    ' kept',
    '',
    '-gone',
    '+come',
    '*** End of File',
    '@@',
    '+tail',
    '*** Delete File: ./a.txt',
    '*** Update File: from',
    '*** Move to: to',
    '@@',
    '-x',
  );
  t.strictSame(shown(text), [
    './a.txt delete: ',
    'b/new.txt add: one\n\n',
    'from update>to: @@\n-x\n\n\nMoved to: to',
    'old.txt update: @@ anchor\n-kept\n-\n-gone\n+kept\n+\n+come\n*** End of File\n@@\n+tail\n',
  ]);
});

t.test('the first part needs no mark; words around the patch and CRLF do not matter', async (t) => {
  t.strictSame(shown(patch('*** Update File: f', ' a', '+b', '@@ q', '-c')), ['f update: @@\n-a\n+a\n+b\n@@ q\n-c\n']);
  t.strictSame(shown(`Here:\n\`\`\`\n${patch('*** Add File: f', '+a')}\`\`\`\n`), ['f add: a\n']);
  t.strictSame(shown(patch('*** Add File: f', '+a').replaceAll('\n', '\r\n')), ['f add: a\n']);
  t.strictSame(shown(patch('*** Add File: `f`', '+a').trimEnd()), ['f add: a\n'], 'no line end at the end');
});

t.test('what is no patch, or is cut off, is not shown to its end', async (t) => {
  for (const text of [
    patch('*** Add File: f', '+a', 'garbage'),
    patch('*** Frobnicate: f'),
    patch('*** Update File: f', '@@ a', '@@ b'),
    '*** Begin Patch\n*** Add File: f\n+a',
    'nothing at all',
    '',
  ])
    t.equal(shown(text), null, text);
});

t.test('a line counts when it is complete', async (t) => {
  const progress = new PatchProgress();
  t.equal(progress.push('*** Begin Patch\n*** Add File: f'), false);
  t.strictSame(progress.changes(), []);
  t.equal(progress.push('\n+hal'), true);
  t.match(progress.changes(), [{ path: 'f', diff: '' }]);
  t.equal(progress.push('f'), false, 'nothing to tell');
  t.equal(progress.push('\n'), true);
  t.match(progress.changes(), [{ diff: 'half\n' }]);
});

t.test('however the text is cut into pieces, the changes are the same', async (t) => {
  const line = fc.constantFrom('+a', '-b', ' c', '', '@@', '@@ d', '*** Add File: x', '*** Update File: y', '+é𝄞');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (lines, size) => {
      const text = patch(...lines);
      t.strictSame(shown(text, size), shown(text));
    }),
    { numRuns: 200 },
  );
});

t.test('each character is read once: a long patch in small pieces costs little', async (t) => {
  const text = patch('*** Add File: f', ...Array.from({ length: 40_000 }, (_, n) => `+line ${n}`));
  const began = performance.now();
  t.equal(shown(text, 3)?.length, 1);
  t.ok(performance.now() - began < 3_000, 'a quadratic reader takes minutes');
  t.equal(shown(patch('*** Add File: f', `+${'x'.repeat(600_000)}`), 1000), null, 'longer than any patch that counts');
});
