/** The patch format as text. What a patch does to files is in apply-patch.test.ts. */
import t from 'tap';
import { MAX_PATCH_CHARACTERS, parsePatch } from '../../../../server/sessions/tools/apply-patch/parse-patch.js';

const patch = (...lines: readonly string[]): string => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');
const ADD_A = [{ kind: 'add', path: 'a', lines: ['one', ''] }];

t.test('every operation of a patch', async (t) => {
  const text = patch(
    '*** Add File: new',
    '+one',
    '+',
    '',
    '*** Delete File: `old`',
    '*** Update File: changed',
    '*** Move to: **elsewhere**',
    '@@ class A',
    ' kept',
    '-removed',
    '+added',
    '@@',
    '+last',
    '*** End of File',
    '*** Update File: "renamed only"',
    '*** Move to: there',
  );
  t.strictSame(parsePatch(text), [
    { kind: 'add', path: 'new', lines: ['one', ''] },
    { kind: 'delete', path: 'old' },
    {
      kind: 'update',
      path: 'changed',
      moveTo: 'elsewhere',
      chunks: [
        {
          after: 'class A',
          lines: [
            { mark: ' ', text: 'kept' },
            { mark: '-', text: 'removed' },
            { mark: '+', text: 'added' },
          ],
          atEnd: false,
        },
        { after: null, lines: [{ mark: '+', text: 'last' }], atEnd: true },
      ],
    },
    { kind: 'update', path: 'renamed only', moveTo: 'there', chunks: [] },
  ]);
  t.strictSame(parsePatch(patch()), []);
});

t.test('what models put around a patch is ignored', async (t) => {
  const text = patch('*** Add File: a', '+one', '+');
  for (const around of [
    `Here it is:\n\`\`\`\n${text}\n\`\`\`\nDone.`,
    `<<'EOF'\n${text}\nEOF`,
    JSON.stringify(text),
    JSON.stringify({ input: text }),
    JSON.stringify({ command: ['apply_patch', text] }),
    text.replaceAll('\n', '\r\n'),
  ])
    t.strictSame(parsePatch(around), ADD_A, around);
});

t.test('line numbers of diff(1) are no anchor, the text behind them is', async (t) => {
  const anchorOf = (header: string): unknown => {
    const [operation] = parsePatch(patch('*** Update File: a', header, ' x'));
    return operation?.kind === 'update' ? operation.chunks[0]?.after : undefined;
  };
  for (const [header, anchor] of [
    ['@@', null],
    ['@@ -1,2 +1,3 @@', null],
    ['@@ -1,2 +1,3', null],
    ['@@ -1 +1 @@ def f():', 'def f():'],
    ['@@ def f():', 'def f():'],
    ['@@   ', null],
  ] as const)
    t.equal(anchorOf(header), anchor, header);
});

t.test('a patch that cannot be read names the line and the way out', async (t) => {
  for (const [text, message] of [
    ['', "invalid patch: The first line of the patch must be '*** Begin Patch'"],
    ['*** Begin Patch\n*** Add File: a', "invalid patch: The last line of the patch must be '*** End Patch'"],
    ['{"input": ', "invalid patch: The first line of the patch must be '*** Begin Patch'"],
    ['x'.repeat(MAX_PATCH_CHARACTERS + 1), /it has more than 524288 characters\. Write large files by commands/],
    [patch('*** Rename File: a'), /invalid hunk at line 2, '\*\*\* Rename File: a' is not a valid hunk header/],
    [patch('*** Update File: a'), "invalid hunk at line 2, Update file hunk for path 'a' is empty"],
    [patch('*** Update File: a', '', ''), "invalid hunk at line 2, Update file hunk for path 'a' is empty"],
    [patch('*** Update File: a', '@@', '*** End of File'), /line 4, Update hunk does not contain any lines/],
    [patch('*** Update File: a', '@@'), /Update hunk does not contain any lines/],
    [patch('*** Update File: a', '@@', '*** Delete File: b'), /Update hunk does not contain any lines/],
    [patch('*** Update File: a', 'text'), /line 3, Unexpected line found in update hunk: 'text'/],
    [patch('*** Update File: a', ' x', 'text'), /line 4, Expected update hunk to start with a @@ context marker/],
  ] as const)
    t.throws(() => parsePatch(text), { code: 'tool.patch', message }, String(message));
});
