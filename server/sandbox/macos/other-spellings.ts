/**
 * A pattern for every spelling by which a file of a given name would be created.
 *
 * Rule: APFS and HFS+ compare names after a full case folding and a Unicode normalisation. So an ASCII letter stands
 * for both cases, and for the few characters outside of ASCII that fold to it (CaseFolding.txt of Unicode: ſ, K, ß and
 * the ligatures of f and of st). A character outside of ASCII stands for its cases in both normalisations. Several
 * marks on one letter, which can be written in any order, stand for any characters outside of ASCII: this denies too
 * much rather than too little.
 */

/** Characters outside of ASCII whose full folding is this text. */
const FOLDED: Readonly<Record<string, readonly string[]>> = {
  s: ['\u017f'],
  k: ['\u212a'],
  ss: ['\u00df', '\u1e9e'],
  ff: ['\ufb00'],
  fi: ['\ufb01'],
  fl: ['\ufb02'],
  ffi: ['\ufb03'],
  ffl: ['\ufb04'],
  st: ['\ufb05', '\ufb06'],
};
const LONGEST = 3;

/** Matches the whole of `place`, without anchors. In the syntax that POSIX, TRE and JavaScript have in common. */
export const spellingsPattern = (place: string): string => place.split('/').map(ofName).join('/');

function ofName(name: string): string {
  const text = [...inAscii(name.normalize('NFC'))];
  let pattern = '';
  for (let at = 0; at < text.length;) {
    const length = joinedFrom(text, at);
    pattern += length === 1 ? ofCharacter(text[at] ?? '') : ofJoined(text.slice(at, at + length));
    at += length;
  }
  return pattern;
}

/** With the letters that a character folds to, if they are ASCII. */
const inAscii = (name: string): string =>
  name.replace(/[^\x00-\x7f]/gu, (character) => {
    const [folded] = Object.entries(FOLDED).find(([, others]) => others.includes(character)) ?? [];
    return folded ?? character;
  });

/** How many characters from `at` on may be joined into others: 1 if none. */
function joinedFrom(text: readonly string[], at: number): number {
  let end = at + 1;
  for (let from = at; from < end; from++) {
    for (let length = 2; length <= LONGEST; length++) {
      const joined = text
        .slice(from, from + length)
        .join('')
        .toLowerCase();
      if (joined.length === length && FOLDED[joined]) end = Math.max(end, from + length);
    }
  }
  return end - at;
}

/** All ways to write these characters, in which some may be joined. */
function ofJoined(text: readonly string[]): string {
  const ways = (at: number): readonly string[] => {
    if (at === text.length) return [''];
    const next = ways(at + 1).map((rest) => `${ofCharacter(text[at] ?? '')}${rest}`);
    for (let length = 2; length <= LONGEST && at + length <= text.length; length++) {
      const joined =
        FOLDED[
          text
            .slice(at, at + length)
            .join('')
            .toLowerCase()
        ] ?? [];
      for (const one of joined) next.push(...ways(at + length).map((rest) => `${one}${rest}`));
    }
    return next;
  };
  return `(${ways(0).join('|')})`;
}

function ofCharacter(character: string): string {
  const lower = character.toLowerCase();
  if (/^[a-z]$/.test(lower)) {
    const cases = [lower, lower.toUpperCase(), ...(FOLDED[lower] ?? [])];
    return FOLDED[lower] ? `(${cases.join('|')})` : `[${cases.join('')}]`;
  }
  if (/^[\w ,:;=@~%&'!<>-]$/.test(character)) return character;
  // In brackets only these two have a meaning; a quote would end the string of the language.
  if (/^[\x20-\x7e]$/.test(character) && !/["\\^\]]/.test(character)) return `[${character}]`;
  // These would have to be escaped, twice over; control characters are not worth it.
  return character <= '\x7f' ? '[^/]' : ofForeign(character);
}

const FOREIGN = '[^ -~/]';

function ofForeign(character: string): string {
  const [base = '', ...marks] = character.normalize('NFD');
  if (/\p{M}/u.test(character)) return `${FOREIGN}+`;
  if (marks.length > 1) return base <= '~' ? `[${base.toLowerCase()}${base.toUpperCase()}]?${FOREIGN}+` : `${FOREIGN}+`;
  const forms = casesOf(character).flatMap((one) => [one.normalize('NFC'), one.normalize('NFD')]);
  const all = [...new Set(forms)];
  return all.length === 1 ? character : `(${all.join('|')})`;
}

/** All characters that are the same but for their case: some have more than two forms, such as the Greek sigma. */
function casesOf(character: string): readonly string[] {
  const [upper, lower] = [character.toUpperCase(), character.toLowerCase()];
  if (upper === character && lower === character) return [character];
  const cases = [character, upper, lower];
  for (let code = 0x80; code < 0x1_0000; code++) {
    const other = String.fromCharCode(code);
    if (other.toUpperCase() === upper || other.toLowerCase() === lower) cases.push(other);
  }
  return cases;
}
