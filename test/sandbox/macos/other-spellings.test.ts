import fc from 'fast-check';
import t from 'tap';
import { spellingsPattern } from '../../../server/sandbox/macos/other-spellings.js';

const matches = (place: string, asked: string): boolean => new RegExp(`^${spellingsPattern(place)}$`).test(asked);

t.test('a name in every case, with what folds to its letters', async (t) => {
  for (const asked of ['.codex', '.CODEX', '.CoDeX']) t.ok(matches('/w/.codex', `/W/${asked}`), asked);
  for (const [place, asked] of [
    ['.agents', '.agent\u017f'],
    ['kit', '\u212ait'],
    ['pass', 'pa\u00df'],
    ['pass', 'PAS\u017f'],
    ['office', 'o\ufb03ce'],
    ['office', 'of\ufb01ce'],
    ['office', 'o\ufb00ice'],
    ['cost', 'co\ufb06'],
    ['asst', 'as\ufb05'],
    ['asst', 'a\u1e9et'],
    ['\u00e4', 'a\u0308'],
    ['a\u0308', '\u00c4'],
    ['\u03c3', '\u03c2'],
    ['\u00df', 'Ss'],
    ['\ud55c', '\u1112\u1161\u11ab'],
    ['\u1ed9', 'o\u0302\u0323'],
  ] as const)
    t.ok(matches(place, asked), `${place} as ${asked}`);
});

t.test('other names are other names', async (t) => {
  for (const asked of ['.codex2', 'xcodex', '.code', '.codex/x', '/.codex']) t.notOk(matches('.codex', asked), asked);
  t.notOk(matches('\u79d8', '\u5bc6'), 'another character without case');
  t.notOk(matches('\u00e4', '\u00f6'), 'another letter');
  t.notOk(matches('/w/a.b', '/w/aXb'), 'a dot is a dot');
  for (const name of ['a+b', 'a(b)', 'a[b]', 'a{2}', 'a|b', '$a', 'a*', 'a?'])
    t.ok(matches(name, name), `${name} has no meaning of its own`);
});

t.test(
  'any spelling that folds to the same name is matched, and the text stays a string of the language',
  async (t) => {
    const name = fc.string({ unit: fc.constantFrom(...'aksSsFfiltK._-"\\^]$ ä'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(name, (name) => {
        if (name.includes('/')) return;
        const pattern = spellingsPattern(name);
        if (pattern.includes('"')) throw new Error(pattern);
        for (const asked of [
          name,
          name.toUpperCase(),
          name.toLowerCase(),
          name.normalize('NFD'),
          name.normalize('NFC'),
        ])
          if (!new RegExp(`^${pattern}$`).test(asked)) throw new Error(`${pattern} misses ${asked}`);
      }),
    );
    t.pass('for all names');
  },
);
