/** Hostile text never reaches a terminal as it is. */
import t from 'tap';
import {
  exactLine,
  exactText,
  guardedLine,
  outputText,
  visibleLine,
  visibleText,
} from '../../../../clients/chat/text/safe-text.js';

const MARKER = '\u001b_pi:c\u0007';

t.test('control and bidi characters become visible', async (t) => {
  const rows: [text: string, shown: string, why: string][] = [
    ['\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007', 'the title of the window'],
    ['\u001b]52;c;ZXZpbA==\u0007', '\\u001b]52;c;ZXZpbA==\\u0007', 'the clipboard'],
    ['\u001b[2J\u001b[1;1H', '\\u001b[2J\\u001b[1;1H', 'erases the screen'],
    ['\u009b31m', '\\u009b31m', 'CSI in one character'],
    ['a\rb', 'a\\u000db', 'a carriage return forges the line'],
    ['a\bb', 'a\\u0008b', 'so does a backspace'],
    ['safe\u202egnp.exe', 'safe\\u202egnp.exe', 'the reading order'],
    ['a\u2066b\u2069', 'a\\u2066b\\u2069', 'isolates'],
    ['a\u200bb\ufeff', 'a\\u200bb\\ufeff', 'no width'],
    ['a\u00adb', 'a\\u00adb', 'a hyphen that is not there'],
    ['a\u{e0041}b', 'a\\udb40\\udc41b', 'tags'],
    ['a\ud800b', 'a\\ud800b', 'half of a pair'],
    ['a\u2028b', 'a\\u2028b', 'another line end'],
    ['one\r\ntwo\tthree', 'one\ntwo\tthree', 'line ends and tabs stay'],
    ['naïve 日本 👩‍👩‍👧 می‌خواهم', 'naïve 日本 👩‍👩‍👧 می‌خواهم', 'joiners stay'],
  ];
  for (const [text, shown, why] of rows) t.equal(visibleText(text), shown, why);
  t.equal(visibleLine('a\nb\t\tc\u001b'), 'a b c\\u001b');
});

t.test('output of commands keeps colors that hide nothing', async (t) => {
  const rows: [text: string, shown: string, why: string][] = [
    ['\u001b[31mred\u001b[0m', '\u001b[31mred\u001b[0m\u001b[0m', 'a color'],
    ['\u001b[1;32mok', '\u001b[1;32mok\u001b[0m', 'it ends with its line'],
    ['\u001b[8mhidden', 'hidden', 'concealed'],
    ['\u001b[30;40mhidden', 'hidden', 'black on black'],
    ['\u001b[37m\u001b[97mhidden', 'hidden', 'white on white'],
    ['\u001b[7mhidden', 'hidden', 'reversed'],
    ['\u001b[38;5;0mx\u001b[48;2;1;1;1my', 'xy', 'extended colors'],
    ['\u001b[31;38;5;0mx', 'x', 'a list with one of them'],
    ['\u001b[2K\u001b[1Ax', 'x', 'movements are dropped'],
    ['\u001b]0;title\u0007x', '\\u001b]0;title\\u0007x', 'other sequences are visible'],
    ['\u001bPq\u001b\\x', '\\u001bPq\\u001b\\x', 'device control'],
    ['10%\r100%\r\n', '10%\n100%\n', 'a carriage return replaces nothing'],
    ['\u001b[m', '\u001b[0m\u001b[0m', 'the short reset'],
    ['\u001b[31\u001b[2Jx', '\\u001b[31x', 'a sequence inside of another'],
  ];
  for (const [text, shown, why] of rows) t.equal(outputText(text, true), shown, why);
  t.equal(outputText('\u001b[31mred\u001b[0m\u202e', false), 'red\\u202e', 'without colors');
});

t.test('the last step lets only own styles and the mark of the cursor pass', async (t) => {
  t.equal(guardedLine(`\u001b[1mbold\u001b[22m ${MARKER}x`, MARKER), `\u001b[1mbold\u001b[22m ${MARKER}x`);
  const hostile = '\u001b]8;;http://x\u0007link\u001b[2J\u001b[?25l\u001b_G1\u001b\\\u202e\n';
  t.notMatch(guardedLine(hostile, MARKER), /[\x00-\x1f\x7f-\x9f\u202e]/);
});

t.test('whatever comes in, no escape comes out except for the allowed colors', async (t) => {
  // A fixed sequence of pseudo-random texts, so that a failure can be repeated.
  let seed = 1;
  const next = (most: number): number => (seed = (seed * 48271) % 2147483647) % most;
  const alphabet = ['\u001b', '[', ']', '3', '1', ';', 'm', 'J', '\u009b', '\r', '\n', 'a', '\u202e', '\u0007', '8'];
  for (let round = 0; round < 5000; round += 1) {
    const text = Array.from({ length: 12 }, () => alphabet[next(alphabet.length)]).join('');
    if (/[^\n\P{Cc}]|\u202e/u.test(visibleText(text))) t.fail(JSON.stringify(text));
    const left = outputText(text, true).replace(/\u001b\[(?:0|1|2|3|4|22|23|24|3[1-6]|39|9[1-6]|;)+m/g, '');
    if (/[^\n\P{Cc}]|\u202e/u.test(left)) t.fail(JSON.stringify(text));
  }
});

t.test('what a person decides about shows every character without a shape', (t) => {
  const unseen = ['\u200c', '\u200d', '\ufe0f', '\u3164', '\u115f', '\u00a0', '\u2003', '\ue000'];
  for (const character of unseen) {
    const shown = `r\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}m -rf`;
    t.equal(exactText(`r${character}m -rf`), shown);
    t.equal(exactLine(`r${character}m -rf`), shown);
  }
  t.equal(exactText('a b\nc é 日本'), 'a b\nc é 日本');
  t.end();
});
