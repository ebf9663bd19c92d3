/**
 * The pattern of a matcher. Files are shared with the official program, whose patterns have neither look-around nor
 * references to groups: what it refuses is refused here too, so that one file means one thing.
 */
import { messageOf } from '../../errors/message-of.js';

/** A word, or words separated by `|`, and `*`: names, no pattern. */
const NAMES = /^(?:[\w|]*|\*)$/;

export type Matcher = { readonly pattern: RegExp | null } | { readonly why: string };

/** `pattern` null: the text is names, or it matches everything. `why`: the text is no pattern. */
export function readMatcher(text: string): Matcher {
  if (NAMES.test(text)) return { pattern: null };
  const fault = foreign(text);
  if (fault !== null) return { why: explained(text, fault) };
  const flags = /^\(\?([ims]+)\)/.exec(text);
  try {
    const own = text.slice(flags?.[0].length ?? 0).replaceAll('(?P<', '(?<');
    return { pattern: new RegExp(own, `u${flags?.[1] ?? ''}`) };
  } catch (error) {
    return { why: explained(text, mistake(text) ?? { at: 0, length: 1, why: messageOf(error) }) };
  }
}

interface Fault {
  readonly at: number;
  readonly length: number;
  readonly why: string;
}

/** In the form of the official program: the text, marks below the place, and the reason. */
function explained(text: string, { at, length, why }: Fault): string {
  return `regex parse error:\n    ${text}\n    ${' '.repeat(at)}${'^'.repeat(length)}\nerror: ${why}`;
}

/** Everything outside of classes and escapes, so that places stay. */
const bare = (text: string): string =>
  text.replace(/\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]/gu, (part) => ' '.repeat(part.length));

/** What only other kinds of patterns have. */
function foreign(text: string): Fault | null {
  const around = /\(\?<?[=!]/.exec(bare(text));
  if (around !== null) {
    const why = 'look-around, including look-ahead and look-behind, is not supported';
    return { at: around.index, length: around[0].length, why };
  }
  const reference = /(?<!\\)(?:\\\\)*(\\(?:[1-9]|k<))/.exec(text);
  if (reference === null) return null;
  const at = reference.index + reference[0].length - (reference[1]?.length ?? 0);
  return { at, length: 2, why: 'backreferences are not supported' };
}

/** Common mistakes, in the words of the official program; null: another one. */
function mistake(text: string): Fault | null {
  const rest = bare(text);
  const open = rest.indexOf('[');
  if (open >= 0) return { at: open, length: 1, why: 'unclosed character class' };
  const loose = /(?:^|[(|])(?=[*+?])/.exec(rest);
  if (loose !== null && !rest.startsWith('(?', loose.index))
    return { at: loose.index + loose[0].length, length: 1, why: 'repetition operator missing expression' };
  const groups: number[] = [];
  for (let at = 0; at < rest.length; at++) {
    if (rest[at] === '(') groups.push(at);
    else if (rest[at] === ')' && groups.pop() === undefined) return { at, length: 1, why: 'unopened group' };
  }
  const group = groups.pop();
  return group === undefined ? null : { at: group, length: 1, why: 'unclosed group' };
}
