import fc from 'fast-check';
import t from 'tap';
import { budgetOf, DEFAULT_BUDGET, reportText, shorten } from '../../../server/sessions/shell/model-output.js';
import { createTranscript } from '../../../server/sessions/shell/transcript.js';

const numbers = (to: number): string => Array.from({ length: to }, (_, n) => `${n + 1}\n`).join('');

t.test('a report has the result and the output', (t) => {
  const report = { wallMs: 1234, exitCode: 3, sessionId: null, output: 'hi\n', outputBytes: 3 };
  t.match(
    reportText(report, DEFAULT_BUDGET),
    /^Chunk ID: [0-9a-f]{6}\nWall time: 1\.2340 seconds\nProcess exited with code 3\nOriginal token count: 1\nOutput:\nhi\n$/,
  );
  t.match(
    reportText({ ...report, exitCode: null, sessionId: 7, output: '', outputBytes: 0 }, DEFAULT_BUDGET),
    /\nProcess running with session ID 7\nOriginal token count: 0\nOutput:\n$/,
  );
  t.end();
});

t.test('a long output is cut in the middle, in bytes or in tokens', (t) => {
  const long = numbers(20_000);
  const byBytes = shorten(long, long.length, DEFAULT_BUDGET);
  t.match(byBytes, /^Warning: truncated output \(original token count: 27224\)\nTotal output lines: 20000\n\n1\n2\n/);
  t.match(byBytes, '…98894 chars truncated…');
  const some = numbers(2000);
  t.match(
    shorten(some, some.length, budgetOf(DEFAULT_BUDGET, 20)),
    /\n\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n1…2204 tokens truncated…1993\n1994\n/,
  );
  t.equal(
    shorten('x'.repeat(300), 300, budgetOf(DEFAULT_BUDGET, 0)).split('\n').at(-1),
    '…75 tokens truncated…',
    'nothing was asked for',
  );
  t.same(budgetOf(DEFAULT_BUDGET, 1e9), { unit: 'tokens', amount: 2500 }, 'a call cannot ask for more than the policy');
  t.end();
});

t.test('no character is cut', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 20 }), fc.nat(30), (text, amount) => {
      t.notMatch(shorten(text, Buffer.byteLength(text), { unit: 'bytes', amount }), '\ufffd');
    }),
  );
  t.end();
});

t.test('a transcript keeps the head and the tail, and counts what it omits', (t) => {
  const transcript = createTranscript();
  t.equal(transcript.all(), null);
  t.equal(transcript.push(Buffer.from([0xe2, 0x9c])), '', 'half a character waits');
  t.equal(transcript.push(Buffer.from([0x93, 0x0a])), '✓\n');
  t.same(transcript.take(), { text: '✓\n', bytes: 4 });
  t.same(transcript.take(), { text: '', bytes: 0 });
  for (let n = 0; n < 40; n++) transcript.push(Buffer.alloc(100_000, 0x61 + (n % 26)));
  const all = transcript.all() ?? '';
  t.match(all, /^✓\na/);
  t.match(all, /\n\.\.\. (\d+) bytes omitted \.\.\.\n/);
  const [, gone = ''] = /\n\.\.\. (\d+) bytes omitted/.exec(all) ?? [];
  const kept = Buffer.byteLength(all.replace(/\n\.\.\. \d+ bytes omitted \.\.\.\n/, ''));
  t.equal(Number(gone) + kept, 4 + 4_000_000);
  t.equal(kept, 1024 * 1024);
  t.ok(all.endsWith('n'));
  transcript.push(Buffer.from([0xff, 0xe2]));
  t.equal(transcript.end(), '\ufffd');
  t.end();
});
