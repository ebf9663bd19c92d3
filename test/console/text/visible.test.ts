import t from 'tap';
import { visible, visibleText } from '../../../clients/console/text/visible.js';

const ROWS: readonly (readonly [string, string, string])[] = [
  ['common text stays', 'npm install "a b" ü 漢 → 🎉', 'npm install "a b" ü 漢 → 🎉'],
  ['an override of direction is named', 'a\u202Etxt.exe', 'a⟨U+202E⟩txt.exe'],
  ['so is an isolate', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
  ['zero widths are named', 'git\u200Bhub\uFEFF', 'git⟨U+200B⟩hub⟨U+FEFF⟩'],
  ['an escape sequence cannot move the cursor', '\u001b[2Jls', '⟨\\e⟩[2Jls'],
  ['a carriage return cannot hide what is before it', 'rm -rf /\rls', 'rm -rf /⟨\\r⟩ls'],
  ['a tab is no space', 'a\tb', 'a⟨\\t⟩b'],
  ['a line feed is a new line', 'a\nb', 'a\nb'],
  ['other spaces are named', 'a\u00A0b\u3000c', 'a⟨U+00A0⟩b⟨U+3000⟩c'],
  ['a separator of lines is named', 'a\u2028b', 'a⟨U+2028⟩b'],
  ['tags of the language block are named', 'a\u{E0041}', 'a⟨U+E0041⟩'],
  ['a half of a pair is named', 'a\uD800b', 'a⟨U+D800⟩b'],
  ['a filler is named', 'a\u3164b', 'a⟨U+3164⟩b'],
  ['C1 controls are named', 'a\u009Bb', 'a⟨U+009B⟩b'],
];

for (const [title, text, shown] of ROWS)
  t.test(title, async (t) => {
    t.equal(visibleText(text), shown);
  });

t.test('the pieces together are the text, and say which of them are codes', async (t) => {
  t.strictSame(visible('a\u202Eb'), [
    { text: 'a', code: false },
    { text: 'U+202E', code: true },
    { text: 'b', code: false },
  ]);
  t.strictSame(visible(''), []);
});
