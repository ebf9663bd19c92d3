/**
 * The patterns of a hook (`pattern:…` in mitm-hooks.ts): `*`, `?`, `[a-c]`, `[!a]`, `{a,b}`, `**` between separators,
 * and a backslash before a character that stands for itself.
 *
 * Threat: a pattern of a person and a text of a command's make a search that takes longer than any request may.
 * Rule: all ways through a pattern are followed at once, one character at a time: time is the product of both lengths.
 */
import { ConfigError } from '../../errors/config-error.js';

type Matcher = (text: string) => boolean;

type Token =
  /** One character that passes. */
  | { readonly kind: 'one'; readonly passes: (character: string) => boolean }
  /** Any number of them. */
  | { readonly kind: 'many'; readonly passes: (character: string) => boolean };

/** Alternatives of all braces together, and characters of a pattern: far more than anybody writes. */
const MAX_ALTERNATIVES = 64;
const MAX_LENGTH = 1024;

/** `separator`: `*`, `?` and `[…]` do not cross it; null: nothing separates. Throws ConfigError. */
export function compilePattern(pattern: string, separator: '/' | null): Matcher {
  if (pattern === '') throw invalid(pattern, 'it is empty');
  if (pattern.length > MAX_LENGTH) throw invalid(pattern, `it is longer than ${MAX_LENGTH} characters`);
  const programs = alternatives(pattern).map((text) => tokens(text, pattern, separator));
  return (text) => programs.some((program) => matches(program, text));
}

const invalid = (pattern: string, why: string): ConfigError =>
  new ConfigError(`invalid glob pattern "${pattern}": ${why}`);

/** The pattern without braces, once for each way to choose in them. */
function alternatives(pattern: string): readonly string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const braces = bracesOf(next, pattern);
    if (braces === null) done.push(next);
    else open.push(...braces);
    if (done.length + open.length > MAX_ALTERNATIVES) throw invalid(pattern, 'it has too many alternatives');
  }
  return done;
}

/** The first group of braces, taken apart; null: there is none. */
function bracesOf(text: string, whole: string): readonly string[] | null {
  let start = -1;
  let cut = 0;
  const parts: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '[') at = classEnd(text, at, whole);
    else if (character === '{') {
      if (start >= 0) throw invalid(whole, 'braces inside of braces');
      start = at;
      cut = at + 1;
    } else if (start >= 0 && (character === ',' || character === '}')) {
      parts.push(text.slice(cut, at));
      cut = at + 1;
      if (character === '}') return parts.map((part) => text.slice(0, start) + part + text.slice(at + 1));
    } else if (character === '}') throw invalid(whole, 'a brace that nothing opens');
  }
  if (start >= 0) throw invalid(whole, 'a brace that nothing closes');
  return null;
}

/** Where the class ends that begins at `start`; a bracket directly behind its beginning is a member. */
function classEnd(text: string, start: number, whole: string): number {
  const first = /^\[[!^]?/.exec(text.slice(start))?.[0].length ?? 1;
  const end = text.indexOf(']', start + first + 1);
  if (end < 0) throw invalid(whole, 'a class that nothing closes');
  return end;
}

function tokens(text: string, whole: string, separator: '/' | null): readonly Token[] {
  const any = (): boolean => true;
  const within = (character: string): boolean => character !== separator;
  const found: Token[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '*') {
      let end = at;
      while (text[end + 1] === '*') end++;
      // eslint-disable-next-line codexd/path-texts -- a path of a URL
      const wholePart = (text[at - 1] ?? '/') === '/' && (text[end + 1] ?? '/') === '/';
      found.push({ kind: 'many', passes: end > at && wholePart ? any : within });
      at = end;
    } else if (character === '?') found.push({ kind: 'one', passes: within });
    else if (character === '[') {
      const end = classEnd(text, at, whole);
      const passes = classOf(text.slice(at + 1, end), whole);
      found.push({ kind: 'one', passes: (candidate) => within(candidate) && passes(candidate) });
      at = end;
    } else {
      if (character === '\\') at++;
      const literal = text[at];
      if (literal === undefined) throw invalid(whole, 'a backslash at its end');
      found.push({ kind: 'one', passes: (candidate) => candidate === literal });
    }
  }
  return found;
}

function classOf(written: string, whole: string): (character: string) => boolean {
  const negated = written.startsWith('!') || written.startsWith('^');
  const members = negated ? written.slice(1) : written;
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? '';
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    const to = isRange ? (members[at + 2] ?? '') : from;
    if (to < from) throw invalid(whole, `the range ${from}-${to} is empty`);
    ranges.push([from, to]);
    if (isRange) at += 2;
  }
  return (character) => ranges.some(([from, to]) => character >= from && character <= to) !== negated;
}

/** Every place in the program that the text can have led to, after each of its characters. */
function matches(program: readonly Token[], text: string): boolean {
  let places = onwards(program, new Set([0]));
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) {
      const token = program[place];
      if (token?.passes(character) === true) next.add(token.kind === 'many' ? place : place + 1);
    }
    if (next.size === 0) return false;
    places = onwards(program, next);
  }
  return places.has(program.length);
}

/** With the places behind each `many`, which may stand for nothing. */
function onwards(program: readonly Token[], places: Set<number>): Set<number> {
  for (const place of places) if (program[place]?.kind === 'many') places.add(place + 1);
  return places;
}
