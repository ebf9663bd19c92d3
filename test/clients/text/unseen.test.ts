import t from 'tap';
import { exactText } from '../../../clients/chat/text/safe-text.js';
import { visibleText } from '../../../clients/console/text/visible.js';
import { UNSEEN } from '../../../clients/text/unseen.js';

const KINDS: readonly (readonly [string, string])[] = [
  ['an escape', '\u001b'],
  ['a C1 control', '\u009b'],
  ['a mark of direction', '\u202e'],
  ['a soft hyphen', '\u00ad'],
  ['a joiner', '\u200d'],
  ['a space without width', '\u200b'],
  ['a tag', '\u{e0041}'],
  ['a private character', '\ue000'],
  ['half of a pair', '\ud800'],
  ['a separator of lines', '\u2028'],
  ['a separator of paragraphs', '\u2029'],
  ['another space', '\u00a0'],
  ['a selector of variants', '\ufe0f'],
  ['a late selector of variants', '\u{e0100}'],
  ['a joiner of graphemes', '\u034f'],
  ['a filler', '\u3164'],
  ['a filler of half width', '\uffa0'],
];

for (const [title, character] of KINDS)
  t.test(`${title} is shown as a code by every client`, async (t) => {
    t.strictSame(`a${character}b`.replace(UNSEEN, '#'), 'a#b');
    for (const shown of [exactText, visibleText]) {
      t.notOk(shown(`a${character}b`).includes(character), shown(`a${character}b`));
      t.not(shown(`a${character}b`), 'ab');
    }
  });

t.test('what a person reads stays', async (t) => {
  for (const text of ['npm install "a b"\nnext', 'ü 漢 → 🎉 é']) {
    t.notMatch(text, UNSEEN);
    t.equal(exactText(text), text);
    t.equal(visibleText(text), text);
  }
});
