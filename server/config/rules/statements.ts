/**
 * Reads a rules file as data: calls with plain values, and names for plain values. The language is a small part of
 * Starlark; nothing is executed.
 *
 * Threat: after a mistake the reader misses other rules, among them denials.
 * Rule: an invalid statement ends where a later line begins with a rule; all statements before and after it count.
 * Non-scope: the meaning of a call (interpret.ts).
 */
import { isCode, CodexdError } from '../../errors/codexd-error.js';

export type Value = string | null | readonly Value[];
export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

export type Statement =
  | {
      readonly kind: 'call';
      readonly line: number;
      readonly name: string;
      readonly positional: readonly Value[];
      readonly named: ReadonlyMap<string, Value>;
    }
  /** `text`: everything up to the next statement. */
  | { readonly kind: 'broken'; readonly line: number; readonly reason: string; readonly text: string };

/** Never throws. */
export function readStatements(text: string): readonly Statement[] {
  const reader = new Reader(text);
  const statements: Statement[] = [];
  for (;;) {
    reader.skip('between statements');
    const start = reader.at;
    if (start >= text.length) return statements;
    const line = reader.lineOf(start);
    try {
      const call = reader.statement();
      if (call !== null) statements.push({ kind: 'call', line, ...call });
    } catch (error) {
      if (!isCode(error, 'rules.statement')) throw error;
      const end = nextRule(text, start);
      statements.push({ kind: 'broken', line, reason: error.message, text: text.slice(start, end) });
      reader.at = end;
    }
  }
}

/** The reason why a statement is invalid; used only in this file. */
const unreadableStatement = (reason: string): CodexdError => new CodexdError('rules.statement', reason);

/** How deep lists may nest: more than any rule needs. */
const MAX_DEPTH = 8;

/** The offset of the first line after `from` that begins with a rule. */
function nextRule(text: string, from: number): number {
  const lineEnd = text.indexOf('\n', from);
  if (lineEnd < 0) return text.length;
  const rule = /^[ \t]*(?:prefix_rule|network_rule|host_executable)[ \t]*\(/gm;
  rule.lastIndex = lineEnd + 1;
  return rule.exec(text)?.index ?? text.length;
}

interface Call {
  readonly name: string;
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

class Reader {
  readonly #text: string;
  readonly #names = new Map<string, Value>();
  readonly #lineStarts: readonly number[];
  at = 0;

  constructor(text: string) {
    this.#text = text;
    const starts = [0];
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
    this.#lineStarts = starts;
  }

  lineOf(position: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= position) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  /** Skips blanks and comments. A statement ends with its line, an argument does not. */
  skip(where: 'between statements' | 'inside a call' | 'inside a line'): void {
    const blank = { 'between statements': /[\s;\uFEFF]/, 'inside a call': /\s/, 'inside a line': /[ \t\r]/ }[where];
    for (;;) {
      const char = this.#text[this.at];
      if (char === undefined) return;
      if (char === '#') {
        const end = this.#text.indexOf('\n', this.at);
        this.at = end < 0 ? this.#text.length : end;
      } else if (char === '\\' && /^\r?\n/.test(this.#text.slice(this.at + 1, this.at + 3))) this.at += 2;
      else if (blank.test(char)) this.at++;
      else return;
    }
  }

  /** null: an assignment, or a string without a call. Throws `rules.statement`. */
  statement(): Call | null {
    if (/["']/.test(this.#text[this.at] ?? '')) {
      this.#value(0);
      return this.#ended(null);
    }
    const name = this.#identifier();
    if (name === null) throw unreadableStatement(`a rule or a name is expected, not ${this.#here()}`);
    this.skip('inside a line');
    if (this.#take('=')) {
      this.skip('inside a line');
      const value = this.#value(0);
      this.#names.set(name, value);
      return this.#ended(null);
    }
    if (!this.#take('('))
      throw unreadableStatement(`only rules with plain values are understood, not ${quote(name)} here`);
    return this.#ended({ name, ...this.#arguments() });
  }

  #ended<T>(result: T): T {
    this.skip('inside a line');
    if (this.at < this.#text.length && !/[\n;]/.test(this.#text[this.at] ?? '')) {
      throw unreadableStatement(`the end of the line is expected, not ${this.#here()}`);
    }
    return result;
  }

  #arguments(): Omit<Call, 'name'> {
    const positional: Value[] = [];
    const named = new Map<string, Value>();
    for (;;) {
      this.skip('inside a call');
      if (this.#take(')')) return { positional, named };
      const key = this.#argumentName();
      if (key !== null && named.has(key)) throw unreadableStatement(`${quote(key)} is given twice`);
      if (key === null && named.size > 0) throw unreadableStatement('a value without a name stands behind named ones');
      const value = this.#value(0);
      if (key === null) positional.push(value);
      else named.set(key, value);
      this.skip('inside a call');
      if (this.#take(')')) return { positional, named };
      if (!this.#take(',')) throw unreadableStatement(`"," or ")" is expected, not ${this.#here()}`);
    }
  }

  #argumentName(): string | null {
    const [whole, name] = /^([A-Za-z_]\w*)\s*=(?!=)/.exec(this.#text.slice(this.at, this.at + 200)) ?? [];
    if (whole === undefined || name === undefined) return null;
    this.at += whole.length;
    this.skip('inside a call');
    return name;
  }

  /** A string, a list, a name or None; several are joined by `+`. */
  #value(depth: number): Value {
    if (depth > MAX_DEPTH) throw unreadableStatement('lists lie too deep in each other');
    let value = this.#term(depth);
    for (;;) {
      const before = this.at;
      this.skip('inside a call');
      if (!this.#take('+')) {
        this.at = before;
        return value;
      }
      this.skip('inside a call');
      value = joined(value, this.#term(depth));
    }
  }

  #term(depth: number): Value {
    const [prefix] = /^r?(?:"""|'''|"|')/.exec(this.#text.slice(this.at, this.at + 4)) ?? [];
    if (prefix !== undefined) return this.#string(prefix);
    if (this.#take('[')) return this.#list(depth);
    if (this.#take('(')) {
      this.skip('inside a call');
      const value = this.#value(depth + 1);
      this.skip('inside a call');
      if (!this.#take(')')) throw unreadableStatement(`")" is expected, not ${this.#here()}`);
      return value;
    }
    const name = this.#identifier();
    if (name === 'None') return null;
    const value = name === null ? undefined : this.#names.get(name);
    if (value !== undefined) return value;
    throw unreadableStatement(
      name === null ? `a value is expected, not ${this.#here()}` : `${quote(name)} has no value`,
    );
  }

  #list(depth: number): Value {
    const values: Value[] = [];
    for (;;) {
      this.skip('inside a call');
      if (this.#take(']')) return values;
      values.push(this.#value(depth + 1));
      this.skip('inside a call');
      if (this.#take(']')) return values;
      if (!this.#take(',')) throw unreadableStatement(`"," or "]" is expected, not ${this.#here()}`);
    }
  }

  #string(prefix: string): string {
    const raw = prefix.startsWith('r');
    const end = raw ? prefix.slice(1) : prefix;
    let from = (this.at += prefix.length);
    let text = '';
    for (;;) {
      const char = this.#text[this.at];
      if (char === undefined || (char === '\n' && end.length === 1)) throw unreadableStatement('a text has no end');
      if (this.#text.startsWith(end, this.at)) {
        text += this.#text.slice(from, this.at);
        this.at += end.length;
        return text;
      }
      if (char === '\\') {
        text += this.#text.slice(from, this.at);
        text += raw ? this.#text.slice(this.at, (this.at += 2)) : this.#escape();
        from = this.at;
      } else this.at++;
    }
  }

  #escape(): string {
    const rest = this.#text.slice(this.at + 1, this.at + 10);
    const simple = SIMPLE_ESCAPES[rest[0] ?? ''];
    if (simple !== undefined) {
      this.at += 2;
      return simple;
    }
    const [whole, octal, ...hex] =
      /^(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest) ?? [];
    const digits = hex.find((group) => group !== undefined);
    const code = octal === undefined ? Number.parseInt(digits ?? '', 16) : Number.parseInt(octal, 8);
    if (whole === undefined || !(code <= 0x10ffff))
      throw unreadableStatement(`no escape: ${quote(`\\${rest[0] ?? ''}`)}`);
    this.at += 1 + whole.length;
    return String.fromCodePoint(code);
  }

  #identifier(): string | null {
    const [name] = /^[A-Za-z_]\w*/.exec(this.#text.slice(this.at, this.at + 200)) ?? [];
    if (name === undefined) return null;
    this.at += name.length;
    return name;
  }

  #take(char: string): boolean {
    if (this.#text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  #here(): string {
    const char = this.#text[this.at];
    if (char === undefined) return 'the end of the file';
    return char === '\n' ? 'the end of the line' : quote(char);
  }
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '\\': '\\',
  '"': '"',
  "'": "'",
  '\n': '',
};

function joined(a: Value, b: Value): Value {
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (isList(a) && isList(b)) return [...a, ...b];
  throw unreadableStatement('"+" joins two texts or two lists');
}

const quote = (text: string): string => JSON.stringify(text);
