/** Where the parts of an update fit. What becomes of files is in apply-patch.test.ts. */
import t from 'tap';
import { applyChunks } from '../../../../server/sessions/tools/apply-patch/match.js';
import { parsePatch } from '../../../../server/sessions/tools/apply-patch/parse-patch.js';

/** `lines`: of the update, with their marks. */
function apply(content: string, ...lines: readonly string[]): string {
  const text = ['*** Begin Patch', '*** Update File: f', ...lines, '*** End Patch'].join('\n');
  const [operation] = parsePatch(text);
  if (operation?.kind !== 'update') throw new Error('this is no update');
  return applyChunks(content, operation.chunks, 'f');
}

t.test('lines are found as they are, or as they are meant', async (t) => {
  t.equal(apply('a\nb\nc\n', '@@', ' a', '-b', '+B'), 'a\nB\nc\n');
  t.equal(apply('a  \nb\n', '@@', ' a', '-b', '+B'), 'a  \nB\n', 'blanks at the end');
  t.equal(apply('    a\n  b\n', '@@', ' a', '-b', '+B'), '    a\nB\n', 'indentation');
  t.equal(apply('say \u201chi\u201d \u2014 it\u2019s\nb\n', '@@', ' say "hi" - it\'s', '-b', '+B').slice(-2), 'B\n');
  t.equal(apply('a\n  a\n', '@@', '-  a', '+b'), 'a\nb\n', 'the strictest comparison wins');
});

t.test('line breaks and the mark of the beginning stay', async (t) => {
  t.equal(apply('\ufeffa\r\nb\r\n', '@@', '-a', '+A', '+A2'), '\ufeffA\r\nA2\r\nb\r\n');
  t.equal(apply('a\nb', '@@', '-a', '+A'), 'A\nb', 'the last line is not touched');
  t.equal(apply('a\nb', '@@', '-b', '+B'), 'a\nB\n', 'a new last line ends');
  t.equal(apply('a\nb', '@@', ' b', '+c'), 'a\nb\nc\n');
});

t.test('additions go below their anchor, or to the end', async (t) => {
  t.equal(apply('one\ntwo\n', '@@ one', '+x'), 'one\nx\ntwo\n');
  t.equal(apply('one\ntwo\n', '@@', '+x'), 'one\ntwo\nx\n');
  t.equal(apply('one\ntwo\n', '@@ one', '+x', '*** End of File'), 'one\ntwo\nx\n');
  t.equal(apply('one\ntwo\n', '@@ one', '+x', '@@ one', '+y'), 'one\nx\ny\ntwo\n', 'two at one place, in order');
});

t.test('parts out of order, repeated lines, and the end of the file', async (t) => {
  t.equal(apply('a\nb\nc\n', '@@', '-c', '+C', '@@', '-a', '+A'), 'A\nb\nC\n');
  t.equal(apply('x\nx\nx\n', '@@', '-x', '+1', '@@', '-x', '+2'), '1\n2\nx\n', 'no line is used twice');
  t.equal(apply('x\ny\nx\n', '@@', '-x', '+z', '*** End of File'), 'x\ny\nz\n');
  t.equal(apply('a\nb\n', '@@', '-a', '+A', ' '), 'A\nb\n', 'an empty line that only ends the text of the part');
});

t.test('what does not fit is named', async (t) => {
  const fails = (message: string | RegExp, content: string, ...lines: string[]): void =>
    void t.throws(() => apply(content, ...lines), { code: 'tool.patch', message }, String(message));
  fails("Failed to find context 'gone' in f", 'a\n', '@@ gone', '-a');
  fails('Failed to find expected lines in f:\nb', 'a\n', '@@', '-b');
  fails('Failed to find expected lines in f:\na', 'a\nb\n', '@@ b', '-a', '+x');
  fails('Failed to find expected lines in f:\na', 'a\n', '@@', '-a', '+1', '@@', '-a', '+2');
  fails(
    "Failed to add lines below 'a' in f: another hunk has the lines around it",
    'a\nb\n',
    '@@',
    ' a',
    ' b',
    '@@ a',
    '+x',
  );
  const alike = 'x\n'.repeat(20_000);
  fails(/too many lines look alike, give more context/, alike, '@@', ...Array<string>(200).fill(' x'), '-y');
});

t.test('shuffled parts change what they name and nothing else', async (t) => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 200; round++) {
    const lines = Array.from({ length: 5 + random(20) }, (_, n) => `line ${n} ${random(3)}`);
    const picked = lines.map((_, n) => n).filter(() => random(3) === 0);
    const shuffled = picked.map((n) => [random(1000), n] as const).sort(([a], [b]) => a - b);
    const parts = shuffled.flatMap(([, n]) => ['@@', `-${lines[n]}`, `+new ${n}`]);
    const expected = lines.map((line, n) => (picked.includes(n) ? `new ${n}` : line));
    if (parts.length > 0) t.equal(apply(`${lines.join('\n')}\n`, ...parts), `${expected.join('\n')}\n`, `${round}`);
  }
});
