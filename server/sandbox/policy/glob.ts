/**
 * Path patterns of permission profiles: `*` and `?` within a name, `**` for any number of folders, `[a-z]`, `[!a]`,
 * `{a,b}`, and `\` before a literal character. A leading dot is an ordinary character. On Windows `\` separates names,
 * and case does not count.
 */

import { paths, type LocalPaths } from '../../system/files/paths.js';

/** One part of a pattern: any number of folders, or a name. */
export type Segment = '**' | RegExp;

/** The alternatives of a pattern relative to a folder. Throws SyntaxError when it cannot be parsed. */
export function parseGlob(written: string, { windows }: LocalPaths = paths): readonly (readonly Segment[])[] {
  const pattern = windows ? written.replaceAll('\\', '/') : written;
  return expandBraces(pattern).map((alternative) =>
    alternative
      .split('/')
      .filter((word) => word !== '' && word !== '.')
      .map((word) => (word === '**' ? '**' : nameMatcher(word, pattern, windows))),
  );
}

/** `a{b,c}d` → `abd`, `acd`; braces may nest and may contain slashes. */
function expandBraces(pattern: string): string[] {
  const open = findOpen(pattern);
  if (open < 0) return [pattern];
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = open; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === '\\') i++;
    else if (char === '{') depth++;
    else if (char === ',' && depth === 1) {
      parts.push(pattern.slice(start, i));
      start = i + 1;
    } else if (char === '}' && --depth === 0) {
      parts.push(pattern.slice(start, i));
      const head = pattern.slice(0, open);
      const tail = pattern.slice(i + 1);
      return parts.flatMap((part) => expandBraces(`${head}${part}${tail}`));
    }
  }
  throw new SyntaxError(`the glob \`${pattern}\` has a \`{\` without its \`}\``);
}

function findOpen(pattern: string): number {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === '[') i = Math.max(i, endOfClass(pattern, i));
    else if (pattern[i] === '{') return i;
  }
  return -1;
}

/** The index of the `]` that ends the class at `start`, or -1. The first character after `[` or `[!` never ends it. */
function endOfClass(text: string, start: number): number {
  const first = text[start + 1] === '!' || text[start + 1] === '^' ? start + 2 : start + 1;
  return text.indexOf(']', first + 1);
}

function nameMatcher(word: string, pattern: string, ignoresCase: boolean): RegExp {
  let source = '';
  for (let i = 0; i < word.length; i++) {
    const char = word.charAt(i);
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (char === '\\') source += quote(word[++i] ?? '\\');
    else if (char === '[') {
      const end = endOfClass(word, i);
      if (end < 0) throw new SyntaxError(`the glob \`${pattern}\` has a \`[\` without its \`]\``);
      const body = word.slice(i + 1, end);
      const negated = body[0] === '!' || body[0] === '^';
      source += `[${negated ? '^' : ''}${body.slice(negated ? 1 : 0).replace(/[\\\]^[]/g, '\\$&')}]`;
      i = end;
    } else source += quote(char);
  }
  return new RegExp(`^${source}$`, ignoresCase ? 'sui' : 'su');
}

const quote = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
