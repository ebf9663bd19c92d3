import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { createTurnDiff, wireChanges } from '../../../../server/sessions/tools/apply-patch/diffs.js';
import { applyChunks } from '../../../../server/sessions/tools/apply-patch/match.js';
import { parsePatch } from '../../../../server/sessions/tools/apply-patch/parse-patch.js';
import { FileRefused, readWhole, withFile } from '../../../../server/system/files/open-file.js';
import { type ReadFile, notAFile } from '../../../../server/sessions/tools/files/read-file.js';
import { planPatch as plan, touchedPaths } from '../../../../server/sessions/tools/apply-patch/plan-patch.js';
import { summary, writeChanges, type RunSandboxed } from '../../../../server/sessions/tools/apply-patch/write.js';
import { runToEnd } from '../../../fixtures/programs.js';

const patch = (body: string): string => `*** Begin Patch\n${body}\n*** End Patch`;

/** Reads like a command without a sandbox. */
const readFile: ReadFile = async (file) => {
  try {
    return withFile(file, (opened) => readWhole(opened, 1024 * 1024));
  } catch (error) {
    throw error instanceof FileRefused && error.refusal === 'not-a-file' ? notAFile(file) : error;
  }
};
const planPatch = (text: string, cwd: string) => plan(text, cwd, readFile);

/** Runs it without a sandbox. */
const run: RunSandboxed = async ([program = '', ...args], input) => {
  const { exitCode = -1, stderr } = runToEnd(program, args, { input });
  return { exitCode, stderr };
};

t.test('an invalid patch is reported with the line and the remedy', async (t) => {
  const cases: readonly [string, RegExp][] = [
    ['not a patch', /^invalid patch: The first line of the patch must be '\*\*\* Begin Patch'$/],
    ['*** Begin Patch\n*** Add File: a\n+x', /^invalid patch: The last line of the patch must be '\*\*\* End Patch'$/],
    [patch('*** Rename File: a'), /^invalid hunk at line 2, '\*\*\* Rename File: a' is not a valid hunk header/],
    [patch('*** Add File: a\nplain'), /^invalid hunk at line 3, 'plain' is not a valid hunk header/],
    [patch('*** Update File: e'), /^invalid hunk at line 2, Update file hunk for path 'e' is empty$/],
    [patch('*** Update File: e\n@@'), /^invalid hunk at line 4, Update hunk does not contain any lines$/],
    [patch('*** Update File: e\n@@\n?a'), /Unexpected line found in update hunk: '\?a'. Every line should start with/],
    [
      patch('*** Update File: e\n@@\n-l1\n?bad'),
      /^invalid hunk at line 5, Expected update hunk to start with a @@ context marker, got: '\?bad'$/,
    ],
  ];
  for (const [text, message] of cases) {
    t.throws(() => parsePatch(text), { code: 'tool.patch', message }, text);
  }
  t.same(parsePatch(patch('').replace('\n\n', '\n')), [], 'an empty patch is one');
});

t.test('text around a patch does not matter', (t) => {
  const inner = patch('*** Add File: a\n+x');
  const around = [
    ...[
      `  \n${inner}\n\n`,
      `<<'EOF'\n${inner}\nEOF`,
      `<<PATCH\n${inner}\nPATCH\n`,
      `apply_patch <<'EOF'\n${inner}\nEOF`,
    ],
    ...[`\`\`\`patch\n${inner}\n\`\`\``, `Here it is:\n\n${inner}\n\nThat is all.`],
    ...[JSON.stringify({ input: inner }), JSON.stringify({ command: ['apply_patch', inner] }), JSON.stringify(inner)],
    inner.replace('File: a', 'File: `a`'),
  ];
  for (const text of around) {
    t.same(parsePatch(text), [{ kind: 'add', path: 'a', lines: ['x'] }]);
  }
  t.end();
});

t.test('a patch may only rename a file', async (t) => {
  const cwd = t.testdir({ 'a.txt': 'x' });
  const changes = await planPatch(patch('*** Update File: a.txt\n*** Move to: b.txt'), cwd);
  t.same(await writeChanges(changes, run), { done: changes, failure: null });
  t.equal(fs.readFileSync(path.join(cwd, 'b.txt'), 'utf8'), 'x');
  t.notOk(fs.existsSync(path.join(cwd, 'a.txt')));
});

t.test('parts are found with the strictest comparison first, in order, and the file keeps its line breaks', (t) => {
  const update = (content: string, body: string): string => {
    const [operation] = parsePatch(patch(`*** Update File: f\n${body}`));
    return applyChunks(content, operation?.kind === 'update' ? operation.chunks : [], '/f');
  };
  const cases: readonly [string, string, string, string][] = [
    ['exact', 'a\nb\nc\n', ' a\n-b\n+B\n c', 'a\nB\nc\n'],
    ['the first match wins', 'x\nx\n', '-x\n+y', 'y\nx\n'],
    ['@@ seeks its line first', 'f1\nx\nf2\nx\n', '@@ f2\n-x\n+y', 'f1\nx\nf2\ny\n'],
    ['indentation', '   a\n', '-a\n+b', 'b\n'],
    ['typographic quotes', 'say “hi” – now\n', '-say "hi" - now\n+ok', 'ok\n'],
    ['the end is preferred', 'x\ny\nx\n', '-x\n+z\n*** End of File', 'x\ny\nz\n'],
    ['only new lines go to the end', 'a\n', '+b', 'a\nb\n'],
    ['a missing last newline is added', 'a\nb', '-b\n+c', 'a\nc\n'],
    ['CRLF stays', 'a\r\nb\r\nc\r\n', '-b\n+B\n+BB', 'a\r\nB\r\nBB\r\nc\r\n'],
    ['an empty line that ends a part may be missing', 'a\nb\n', '-a\n+A\n ', 'A\nb\n'],
    ['an empty file', '', '+a', 'a\n'],
    ['the order of the file may be left', 'a\nb\n', '-b\n+B\n@@\n-a\n+A', 'A\nB\n'],
    ['what is only added goes below its anchor', 'a\nb\nc\n', '@@ a\n+new', 'a\nnew\nb\nc\n'],
    ['line numbers are no anchor', 'a\nb\n', '@@ -1,2 +1,2 @@\n a\n-b\n+B', 'a\nB\n'],
    ['what stands behind line numbers is one', 'f\nx\ng\nx\n', '@@ -3,1 +3,1 @@ g\n-x\n+y', 'f\nx\ng\ny\n'],
    [
      'tabs of lines that stay',
      'f() {\n\tx\n\treturn\n}\n',
      ' f() {\n-    x\n+    y\n     return',
      'f() {\n    y\n\treturn\n}\n',
    ],
    ['trailing blanks of lines that stay', 'a  \nb\n', ' a\n-b\n+c', 'a  \nc\n'],
    ['typographic signs of lines that stay', '“a”\nb\n', ' "a"\n-b\n+c', '“a”\nc\n'],
    ['mixed line ends', 'a\r\nb\nc\r\nd\r\n', ' a\n-b\n+B\n c', 'a\r\nB\nc\r\nd\r\n'],
    ['lone carriage returns', 'a\rb\rc\r', ' a\n-b\n+B', 'a\rB\rc\r'],
    ['a carriage return inside a line', 'a\rb\nc\n', '-c\n+C', 'a\rb\nC\n'],
    ['a byte order mark', '\ufeffa\nb\n', '-a\n+A', '\ufeffA\nb\n'],
    ['a missing last newline stays where the last line does', 'a\nb', '-a\n+A', 'A\nb'],
    ['a line behind a last one without newline', 'a', ' a\n+b', 'a\nb\n'],
  ];
  for (const [why, content, body, wanted] of cases) t.equal(update(content, body), wanted, why);
  t.throws(() => update('a\n', '-nope\n+x'), { message: 'Failed to find expected lines in /f:\nnope' });
  t.throws(() => update('a\n', '@@ nope\n-a\n+x'), { message: "Failed to find context 'nope' in /f" });
  t.throws(
    () => update('def f\n a\ndef g\n b\n', '@@ def g\n- a\n+ A'),
    { code: 'tool.patch' },
    'a change is not looked for above its anchor',
  );
  t.end();
});

t.test('parts in any order never change one line twice', (t) => {
  const update = (content: string, body: string): string => {
    const [operation] = parsePatch(patch(`*** Update File: f\n${body}`));
    return applyChunks(content, operation?.kind === 'update' ? operation.chunks : [], '/f');
  };
  t.throws(() => update('a\nb\nc\nd\n', '@@\n a\n-b\n+B\n c\n@@ a\n+new'), { code: 'tool.patch' }, 'inside a part');
  t.equal(update('a\nb\nc\nd\n', '@@\n-c\n+C\n@@ b\n+new'), 'a\nb\nnew\nC\nd\n', 'where a part begins');
  t.throws(() => update('a\nb\n', '@@\n-b\n+B\n@@\n a\n-b\n+C'), { code: 'tool.patch' }, 'a line that is taken');
  const shuffled = fc
    .array(fc.constantFrom('keep', 'remove', 'add', 'both'), { minLength: 1, maxLength: 12 })
    .chain((what) =>
      fc.shuffledSubarray([...what.keys()], { minLength: what.length }).map((order) => ({ what, order })),
    );
  fc.assert(
    fc.property(shuffled, ({ what, order }) => {
      const parts = order.flatMap((n) => {
        const remove = what[n] === 'remove' || what[n] === 'both' ? [`@@\n-l${n}`] : [];
        const add = what[n] === 'add' || what[n] === 'both' ? [`@@ l${n}\n+new${n}`] : [];
        return [...remove, ...add];
      });
      if (parts.length === 0) return;
      const expected = what.flatMap((one, n) => [
        ...(one === 'remove' || one === 'both' ? [] : [`l${n}\n`]),
        ...(one === 'add' || one === 'both' ? [`new${n}\n`] : []),
      ]);
      const content = what.map((_, n) => `l${n}\n`).join('');
      t.equal(update(content, parts.join('\n')), expected.join(''));
    }),
  );
  t.end();
});

t.test('a patch from the difference of two texts converts the first to the second', (t) => {
  const line = fc.stringMatching(/^[a-e ]{0,3}$/);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), fc.array(line, { maxLength: 12 }), (before, after) => {
      const text = (lines: readonly string[]): string => lines.map((one) => `${one}\n`).join('');
      const body = [...before.map((one) => `-${one}`), ...after.map((one) => `+${one}`)].join('\n');
      // A single empty line at the end of the old text looks like the end of the patch.
      if (before.at(-1) === '' && before.length > 1) return;
      const [operation] = parsePatch(patch(`*** Update File: f\n@@\n${body}`));
      const chunks = operation?.kind === 'update' ? operation.chunks : [];
      t.equal(applyChunks(text(before), chunks, '/f'), text(after));
    }),
  );
  t.end();
});

t.test('a patch is planned, shown, written and summarised', async (t) => {
  const cwd = t.testdir({
    'mod.txt': 'line1\nline2\nline3\n',
    'del.txt': 'bye\n',
    'mv.txt': 'old\n',
    'over.txt': 'was\n',
  });
  const changes = await planPatch(
    patch(
      [
        '*** Add File: deep/new.txt\n+one\n+two',
        '*** Update File: mod.txt\n@@\n line1\n-line2\n+LINE2\n line3',
        '*** Delete File: del.txt',
        '*** Update File: mv.txt\n*** Move to: sub/moved.txt\n@@\n-old\n+new',
        '*** Add File: over.txt\n+is',
      ].join('\n'),
    ),
    cwd,
  );
  const at = (name: string): string => path.join(cwd, name);
  t.same(wireChanges(changes), [
    { path: at('deep/new.txt'), kind: { type: 'add' }, diff: 'one\ntwo\n' },
    { path: at('del.txt'), kind: { type: 'delete' }, diff: 'bye\n' },
    {
      path: at('mod.txt'),
      kind: { type: 'update', move_path: null },
      diff: '@@ -1,3 +1,3 @@\n line1\n-line2\n+LINE2\n line3\n',
    },
    {
      path: at('mv.txt'),
      kind: { type: 'update', move_path: at('sub/moved.txt') },
      diff: `@@ -1 +1 @@\n-old\n+new\n\n\nMoved to: ${at('sub/moved.txt')}`,
    },
    { path: at('over.txt'), kind: { type: 'add' }, diff: 'is\n' },
  ]);
  t.ok(touchedPaths(changes).some((touched) => touched.path === at('sub/moved.txt')));
  t.same(await writeChanges(changes, run), { done: changes, failure: null });
  t.equal(
    summary(changes),
    'Success. Updated the following files:\nA deep/new.txt\nA over.txt\nM mod.txt\nM sub/moved.txt\nD del.txt\n',
  );
  t.equal(fs.readFileSync(at('deep/new.txt'), 'utf8'), 'one\ntwo\n');
  t.equal(fs.readFileSync(at('mod.txt'), 'utf8'), 'line1\nLINE2\nline3\n');
  t.equal(fs.readFileSync(at('sub/moved.txt'), 'utf8'), 'new\n');
  t.equal(fs.readFileSync(at('over.txt'), 'utf8'), 'is\n');
  t.notOk(fs.existsSync(at('del.txt')));
  t.notOk(fs.existsSync(at('mv.txt')));

  const diff = createTurnDiff(cwd);
  diff.add(changes);
  const shown = diff.text() ?? '';
  t.match(shown, '--- a/mv.txt\n+++ b/sub/moved.txt\n@@ -1 +1 @@\n-old\n+new\n');
  t.match(
    shown,
    /new file mode 100644\nindex 0{40}\.\.[0-9a-f]{40}\n--- \/dev\/null\n\+\+\+ b\/deep\/new.txt\n@@ -0,0 \+1,2 @@/,
  );
  t.match(shown, 'deleted file mode 100644');
});

t.test('a turn that reverses its own changes has an empty diff', async (t) => {
  const cwd = t.testdir({ a: '1\n' });
  const diff = createTurnDiff(cwd);
  t.equal(diff.text(), null);
  for (const body of [
    '*** Update File: a\n-1\n+2',
    '*** Update File: a\n-2\n+1',
    '*** Add File: b\n+x',
    '*** Delete File: b',
  ]) {
    const changes = await planPatch(patch(body), cwd);
    await writeChanges(changes, run);
    diff.add(changes);
  }
  t.equal(diff.text(), '');
});

t.test('a patch that does not fit the disk changes nothing and reports the actual content', async (t) => {
  const cwd = t.testdir({ a: '1\n', d: { x: '' }, bin: Buffer.from([0x61, 0x0a, 0xff, 0xfe]) });
  runToEnd('mkfifo', [path.join(cwd, 'pipe')]);
  const cases: readonly [string, string][] = [
    [
      '*** Update File: gone\n-1\n+2',
      `Failed to read file to update ${cwd}/gone: No such file or directory (os error 2)`,
    ],
    ['*** Delete File: nope', `Failed to read ${cwd}/nope: No such file or directory (os error 2)`],
    ['*** Delete File: d', `Failed to read ${cwd}/d: path \`${cwd}/d\` is not a file`],
    ['*** Update File: pipe\n-1\n+2', `Failed to read file to update ${cwd}/pipe: path \`${cwd}/pipe\` is not a file`],
    ['*** Update File: bin\n-a\n+b', `Failed to read file to update ${cwd}/bin: stream did not contain valid UTF-8`],
    ['*** Add File: t\n+1\n*** Add File: ./t\n+2', `invalid patch: multiple operations target ${cwd}/t`],
    ['*** Add File: new\n+1\n*** Update File: a\n-9\n+2', `Failed to find expected lines in ${cwd}/a:\n9`],
  ];
  for (const [body, message] of cases) await t.rejects(planPatch(patch(body), cwd), { message }, body);
  t.notOk(fs.existsSync(path.join(cwd, 'new')));
});

t.test('a refusal of the sandbox is named, and later changes are not made', async (t) => {
  const cwd = t.testdir({ file: '' });
  const changes = await planPatch(
    patch('*** Add File: ok\n+1\n*** Add File: file/inside\n+2\n*** Add File: never\n+3'),
    cwd,
  );
  const { done, failure } = await writeChanges(changes, run);
  t.same(
    done.map(({ written }) => written),
    ['ok'],
  );
  t.match(failure, new RegExp(`^Failed to write file ${cwd}/file/inside: `));
  t.notOk(fs.existsSync(path.join(cwd, 'never')));
});
