import t from 'tap';
import { collectedOutput, MAX_KEPT_BYTES, streamedOutput } from '../../../server/exec/run/output.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function receiver(): {
  sent: [text: string, capReached: boolean][];
  open: () => void;
  send(piece: Buffer, capReached: boolean): void;
  drained(): Promise<void>;
} {
  const gates: (() => void)[] = [];
  return {
    sent: [],
    open: () => gates.splice(0).forEach((open) => open()),
    send(piece, capReached) {
      this.sent.push([piece.toString(), capReached]);
    },
    drained: () => new Promise((resolve) => gates.push(resolve)),
  };
}

t.test('a cap is reached when it is exactly full, and keeps what fits', async (t) => {
  const rows = [
    { cap: 5, pieces: ['abcdefgh'], text: 'abcde', full: true },
    { cap: 5, pieces: ['abc', 'de'], text: 'abcde', full: true },
    { cap: 5, pieces: ['abcd'], text: 'abcd', full: false },
    { cap: 0, pieces: ['abc'], text: '', full: true },
    { cap: 0, pieces: [], text: '', full: false },
    { cap: null, pieces: ['a'.repeat(3_000_000)], text: 'a'.repeat(3_000_000), full: false },
  ];
  for (const { cap, pieces, text, full } of rows) {
    const output = collectedOutput(cap);
    for (const piece of pieces) void output.push(Buffer.from(piece));
    t.same({ text: output.finish(), full: output.full }, { text, full }, `cap ${cap}`);
  }
});

t.test('texts of codexd are added after the cap and know whether they start in the middle of a line', async (t) => {
  const output = collectedOutput(3);
  void output.push(Buffer.from('abcdef'));
  output.say((midLine) => `${midLine ? '\n' : ''}said\n`);
  t.equal(output.finish(), 'abc\nsaid\n');
  const empty = collectedOutput(3);
  empty.say((midLine) => `${midLine ? '\n' : ''}said\n`);
  t.equal(empty.finish(), 'said\n');
});

t.test('output that arrives in one turn of the event loop is sent as one piece', async (t) => {
  const to = receiver();
  const output = streamedOutput(null, to);
  void output.push(Buffer.from('a'));
  void output.push(Buffer.from('b'));
  t.same(to.sent, [], 'not before the turn is over');
  await turn();
  t.same(to.sent, [['ab', false]]);
});

t.test('while the receiver is busy, output is collected; above the high-water mark the source is paused', async (t) => {
  const to = receiver();
  const output = streamedOutput(null, to);
  void output.push(Buffer.from('first'));
  await turn();
  t.equal(output.push(Buffer.alloc(60_000, 'x')), undefined, 'a little more is taken at once');
  const wait = output.push(Buffer.alloc(140_000, 'y'));
  t.ok(wait, 'a lot is not');
  await turn();
  t.equal(to.sent.length, 1, 'nothing is sent to a receiver that is not drained');
  to.open();
  await turn();
  t.equal(to.sent[1]?.[0].length, 200_000, 'then everything as one piece');
  to.open();
  await wait;
});

t.test('only the piece that fills the cap is marked', async (t) => {
  const to = receiver();
  const output = streamedOutput(5, to);
  void output.push(Buffer.from('abc'));
  await turn();
  to.open();
  await turn();
  void output.push(Buffer.from('defgh'));
  t.equal(output.finish(), '');
  t.same(to.sent, [
    ['abc', false],
    ['de', true],
  ]);
});

t.test('a cap of zero is reported with one empty piece', async (t) => {
  const to = receiver();
  const output = streamedOutput(0, to);
  void output.push(Buffer.from('abc'));
  output.finish();
  t.same(to.sent, [['', true]]);
});

t.test("the end sends waiting output, then codexd's own text", async (t) => {
  const to = receiver();
  const output = streamedOutput(null, to);
  void output.push(Buffer.from('last'));
  output.say((midLine) => (midLine ? '\nwords\n' : 'words\n'));
  output.finish();
  await turn();
  t.same(to.sent, [
    ['last', false],
    ['\nwords\n', false],
  ]);
});

t.test('the stored output of commands without a small cap has a common limit, and is released', async (t) => {
  const piece = Buffer.alloc(1024 * 1024, 'x');
  const fill = (output: ReturnType<typeof collectedOutput>, bytes: number): void => {
    for (let kept = 0; kept < bytes; kept += piece.length) void output.push(piece);
  };
  const [first, second] = [collectedOutput(null), collectedOutput(null)];
  fill(first, MAX_KEPT_BYTES / 2);
  fill(second, MAX_KEPT_BYTES);
  t.equal(second.full, true, 'nobody waits for more of it');
  t.throws(() => second.finish(), { code: 'exec.output-too-large' });
  t.equal(first.full, false, 'the other goes on');
  first.discard();
  first.discard();
  const small = collectedOutput(1024 * 1024);
  fill(small, 4 * 1024 * 1024);
  t.equal(small.finish().length, 1024 * 1024, 'the default cap is no part of it');
  const third = collectedOutput(null);
  fill(third, MAX_KEPT_BYTES);
  t.equal(third.full, false, 'all of it is there again');
  third.discard();
});
