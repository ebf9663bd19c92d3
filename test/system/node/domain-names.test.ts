import t from 'tap';
import { asciiName } from '../../../server/system/node/domain-names.js';

// What is expected here was the same on Node 20, 22, 24 and 26, whose own readers differ on most of it.
const NAMES: readonly (readonly [string, string | null, string])[] = [
  ['ok.test', 'ok.test', 'plain'],
  ['OK_1.Test', 'ok_1.test', 'lower case; `_` is dialled'],
  ['bücher.test', 'xn--bcher-kva.test', 'mapped'],
  ['XN--BCHER-KVA.test', 'xn--bcher-kva.test', 'A-labels stay'],
  ['faß.de', 'xn--fa-hia.de', 'not mapped to ss'],
  ['ab。com', 'ab.com', 'an ideographic full stop ends a label'],
  ['Ⅷ.test', 'viii.test', 'mapped to ASCII'],
  ['xn--a.test', null, 'decodes to nothing'],
  ['xn--.test', null, 'decodes to nothing'],
  ['xn--a-.test', null, 'decodes to ASCII'],
  ['xn--abc-', null, 'decodes to ASCII'],
  ['xn--xn---epa.test', null, 'decodes to what is no name'],
  ['xn--0ug.com', null, 'decodes to a joiner alone'],
  ['xn--zn7c.com', null, 'decodes to what would be mapped'],
  ['a%2eb.ü', null, 'an escape is none of a name'],
  ['ü/b.test', null, 'nor is a slash'],
  ['ü b.test', null, 'nor a space'],
  ['ü@b.test', null, 'nor an at sign'],
  ['ü.test\0', null, 'nor NUL'],
];

t.test('a name has one ASCII form or none, on every Node', async (t) => {
  for (const [text, expected, why] of NAMES) t.equal(asciiName(text), expected, `${JSON.stringify(text)}: ${why}`);
});

t.test('the ASCII form of a name is its own', async (t) => {
  for (const [, form] of NAMES) if (form !== null) t.equal(asciiName(form), form);
});
