import t from 'tap';
import { createAnsiLines, spansOf, type Line } from '../../../clients/console/text/ansi-lines.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const lines = (...pieces: readonly string[]): readonly Line[] => {
  const text = createAnsiLines();
  for (const piece of pieces) text.push(bytes(piece), 'out');
  return text.lines;
};
const texts = (all: readonly Line[]): string[] => all.map((line) => line.map(({ text }) => text).join(''));

t.test('colours continue over the end of a line and of a piece', async (t) => {
  const [first, second] = lines('\u001b[3', '1mred\nstill', ' red\u001b[0m plain\n');
  t.match(first, [{ text: 'red', classes: 'ansi-red-fg' }]);
  t.match(second, [
    { text: 'still red', classes: 'ansi-red-fg' },
    { text: ' plain', classes: '' },
  ]);
});

t.test('colours outside of the sixteen are values, bold is a class', async (t) => {
  t.match(lines('\u001b[1;38;2;1;2;3;48;5;196mx\n'), [
    [{ text: 'x', classes: 'ansi-bold', color: 'rgb(1,2,3)', background: 'rgb(255,0,0)' }],
  ]);
});

t.test('markup in output stays text', async (t) => {
  const hostile = `<img src=x onerror="alert(1)"> & '</span><script>`;
  t.strictSame(texts(lines(`\u001b[31m${hostile}\n`)), [hostile]);
  t.strictSame(texts([spansOf('<b>1</b> <span onclick="x">y</span>')]), ['<b>1</b> <span onclick="x">y</span>']);
  t.strictSame(texts(lines('\u001b]8;;javascript:alert(1)\u001b\\click\u001b]8;;\u001b\\\n')), [''], 'no links');
});

t.test('a carriage return starts the line again', async (t) => {
  t.strictSame(texts(lines('10%\r50%\r100%\r\ndone\n')), ['100%', 'done']);
  t.strictSame(texts(lines('10%\r5')), ['5']);
});

t.test('the open line is shown without its escapes', async (t) => {
  t.strictSame(texts(lines('a\n\u001b[32mgre')), ['a', 'gre']);
});

t.test('characters that are cut between pieces are whole, for each stream', async (t) => {
  const text = createAnsiLines();
  const euro = bytes('€\n');
  text.push(euro.slice(0, 1), 'out');
  text.push(bytes('x'), 'err');
  text.push(euro.slice(1), 'out');
  t.strictSame(texts(text.lines), ['x€']);
});

t.test('old lines are dropped, and counted', async (t) => {
  const text = createAnsiLines();
  text.push(bytes('x\n'.repeat(56_000)), 'out');
  t.equal(text.lines.length + text.dropped, 56_000);
  t.ok(text.lines.length <= 55_000);
  t.equal(texts(lines(`${'y'.repeat(100_000)}\n`))[0]?.length, 8000, 'an endless line is cut');
});
