/**
 * Patterns of gitignore(5) for one path: `*`, `?`, `[sets]`, `**` for folders. git compares bytes: `?` is not a letter
 * of two bytes. So pattern and path become texts with a character for each byte.
 */
import { encodePath } from '../../system/files/path-bytes.js';

const literal = (char: string): string => (/[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char);
const member = (char: string): string => (char === '-' ? '\\-' : literal(char));

/** Of one character, as a regular expression, or one of these. */
type Token = string;
const STAR = '[^/]*';
const FOLDERS = '(?:.*\\/)?';
const REST = '.*';

/** More than these, and a regular expression may take for ever on a name that almost fits. */
const MOST_STARS = 2;

/** Whether a path fits a pattern; null: nothing can. */
export function readGlob(pattern: string): ((path: string) => boolean) | null {
  // An escaped slash is a slash.
  const tokens = tokensOf(byteText(pattern).replace(/\\(.)/gsu, (escape, char) => (char === '/' ? '/' : escape)));
  if (tokens === null) return null;
  const stars = tokens.filter((token) => token === STAR || token === FOLDERS).length;
  if (stars > MOST_STARS) return stepwise(tokens);
  const expression = new RegExp(`^${tokens.join('')}$`, 'su');
  return (path) => expression.test(byteText(path));
}

const byteText = (text: string): string => (NOT_ASCII.test(text) ? encodePath(text).toString('latin1') : text);
const NOT_ASCII = /[\u0080-\uffff]/;

/** Remembers what did not fit: the time is bounded by the product of both lengths. */
function stepwise(tokens: readonly Token[]): (path: string) => boolean {
  const single = tokens.map((token) => new RegExp(`^${token}$`, 'su'));
  return (path) => {
    const chars = [...byteText(path)];
    const failed = new Uint8Array((tokens.length + 1) * (chars.length + 1));
    const fits = (token: number, at: number): boolean => {
      const place = token * (chars.length + 1) + at;
      if (failed[place] === 1) return false;
      const found = step(token, at);
      if (!found) failed[place] = 1;
      return found;
    };
    const step = (token: number, at: number): boolean => {
      if (token === tokens.length) return at === chars.length;
      switch (tokens[token]) {
        case STAR:
          return fits(token + 1, at) || (at < chars.length && chars[at] !== '/' && fits(token, at + 1));
        case FOLDERS: {
          const slash = chars.indexOf('/', at);
          return fits(token + 1, at) || (slash >= at && fits(token, slash + 1));
        }
        case REST:
          return true;
        default:
          return at < chars.length && single[token]!.test(chars[at]!) && fits(token + 1, at + 1);
      }
    };
    return fits(0, 0);
  };
}

/** Null: the pattern can fit nothing. */
function tokensOf(pattern: string): Token[] | null {
  const chars = [...pattern];
  const out: Token[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    if (char === '\\') {
      if (at + 1 === chars.length) return null;
      out.push(literal(chars[++at]!));
    } else if (char === '?') out.push('[^/]');
    else if (char === '[') {
      const end = setEnd(chars, at);
      if (end < 0) return null;
      const set = setOf(chars.slice(at + 1, end));
      if (set === null) return null;
      out.push(set);
      at = end;
    } else if (char === '*') {
      let stars = 1;
      while (chars[at + stars] === '*') stars++;
      const [before, after] = [chars[at - 1], chars[at + stars]];
      // git takes the text before the first special character off, and then reads on from there.
      const begins = before === undefined || before === '/' || !/[*?[\\]/.test(chars.slice(0, at).join(''));
      const isWhole = stars > 1 && begins && (after === undefined || after === '/');
      if (!isWhole) out.push(STAR);
      else if (after === undefined) out.push(REST);
      else {
        out.push(FOLDERS);
        at++;
      }
      at += stars - 1;
    } else out.push(literal(char));
  }
  return out;
}

/** The `]` of a set that begins at `start`; one directly after the beginning is a member. */
function setEnd(chars: readonly string[], start: number): number {
  let at = start + 1;
  if (chars[at] === '!' || chars[at] === '^') at++;
  if (chars[at] === ']') at++;
  for (; at < chars.length; at++) {
    if (chars[at] === '\\') at++;
    else if (chars[at] === '[' && chars[at + 1] === ':') {
      const close = chars.indexOf(']', at + 2);
      if (close > 0 && chars[close - 1] === ':') at = close;
    } else if (chars[at] === ']') return at;
  }
  return -1;
}

const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'a-zA-Z0-9',
  alpha: 'a-zA-Z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '!-\\x2f:-@\\[-`\\{-~',
  space: ' \\t\\n\\r',
  upper: 'A-Z',
  xdigit: 'a-fA-F0-9',
};

/** No set has the slash. */
function setOf(members: readonly string[]): string | null {
  const negated = members[0] === '!' || members[0] === '^';
  let out = '';
  for (let at = negated ? 1 : 0; at < members.length; at++) {
    const named = /^\[:(\w+):\]/.exec(members.slice(at).join(''));
    if (named !== null) {
      const set = CLASSES[named[1]!];
      if (set === undefined) return null;
      out += set;
      at += named[0].length - 1;
      continue;
    }
    let char = members[at]!;
    if (char === '\\') char = members[++at]!;
    if (members[at + 1] === '-' && at + 2 < members.length) {
      at += 2;
      let last = members[at]!;
      if (last === '\\') last = members[++at]!;
      if (last.codePointAt(0)! >= char.codePointAt(0)!) out += `${member(char)}-${member(last)}`;
    } else out += member(char);
  }
  if (out === '') return negated ? '[^/]' : '(?!)';
  return negated ? `[^/${out}]` : `(?!\\/)[${out}]`;
}
