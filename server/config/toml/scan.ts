/**
 * Positions in a TOML text: the statements in order, and the parts of a value on demand. The parser has accepted the
 * text before, so the scanner checks nothing. An edited text is parsed again afterwards.
 */

export interface Span {
  /** Offsets in UTF-16 units; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

export interface KeySpan extends Span {
  readonly name: string;
}

/** `[a.b]` or `[[a.b]]`. */
export interface Header extends Span {
  readonly kind: 'table' | 'element';
  readonly keys: readonly KeySpan[];
}

/** `a.b = value`. */
export interface Assignment extends Span {
  readonly kind: 'assignment';
  readonly keys: readonly KeySpan[];
  readonly value: Span;
}

/** `start`: the beginning of the statement's line. `end`: after the line break, or the end of the text. */
export type Statement = Header | Assignment;

/** An entry of an inline table. */
export interface Entry extends Span {
  readonly keys: readonly KeySpan[];
  readonly value: Span;
}

/** All statements of a valid document, in order. */
export function scanStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const start = at;
    at = skipBlanks(text, at);
    const char = text[at];
    if (char === undefined) break;
    if (char === '\n' || char === '\r' || char === '#') {
      at = lineEnd(text, at);
      continue;
    }
    if (char === '[') {
      const element = text[at + 1] === '[';
      const keys = scanKeys(text, at + (element ? 2 : 1));
      at = lineEnd(text, keys.end + (element ? 2 : 1));
      statements.push({ kind: element ? 'element' : 'table', keys: keys.keys, start, end: at });
      continue;
    }
    const keys = scanKeys(text, at);
    const value = scanValue(text, skipBlanks(text, keys.end + 1));
    at = lineEnd(text, value.end);
    statements.push({ kind: 'assignment', keys: keys.keys, value, start, end: at });
  }
  return statements;
}

/** The entries of an inline table; `table` is the span of `{…}`. */
export function scanEntries(text: string, table: Span): Entry[] {
  const entries: Entry[] = [];
  let at = skipSpace(text, table.start + 1);
  while (at < table.end - 1) {
    const start = at;
    const keys = scanKeys(text, at);
    const value = scanValue(text, skipBlanks(text, keys.end + 1));
    entries.push({ keys: keys.keys, value, start, end: value.end });
    at = skipSpace(text, value.end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return entries;
}

/** The items of an array; `array` is the span of `[…]`. */
export function scanItems(text: string, array: Span): Span[] {
  const items: Span[] = [];
  let at = skipSpace(text, array.start + 1);
  while (at < array.end - 1) {
    const item = scanValue(text, at);
    items.push(item);
    at = skipSpace(text, item.end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return items;
}

/** 1-based line and column of an offset; columns count code points. */
export function positionAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: [...before.slice(lineStart)].length + 1 };
}

/** The offset after spaces and tabs. */
export function skipBlanks(text: string, at: number): number {
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

/** The offset after the line break of the line of `at`; a comment in between is skipped. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

/** The offset after blanks, line breaks and comments. */
function skipSpace(text: string, at: number): number {
  for (;;) {
    const char = text[at];
    if (char === '#') at = lineEnd(text, at);
    else if (char === ' ' || char === '\t' || char === '\n' || char === '\r') at++;
    else return at;
  }
}

/** A dotted key; `end`: the offset after the key and the blanks that follow it. */
function scanKeys(text: string, at: number): { readonly keys: KeySpan[]; readonly end: number } {
  const keys: KeySpan[] = [];
  for (;;) {
    at = skipBlanks(text, at);
    const start = at;
    const quote = text[at];
    if (quote === '"' || quote === "'") {
      at = scanString(text, at);
      const raw = text.slice(start + 1, at - 1);
      keys.push({ name: quote === '"' ? unescape(raw) : raw, start, end: at });
    } else {
      while (at < text.length && !/[\s.=\]#]/.test(text.charAt(at))) at++;
      keys.push({ name: text.slice(start, at), start, end: at });
    }
    at = skipBlanks(text, at);
    if (text[at] !== '.') return { keys, end: at };
    at++;
  }
}

function scanValue(text: string, start: number): Span {
  const char = text[start];
  if (char === '"' || char === "'") return { start, end: scanString(text, start) };
  if (char === '[' || char === '{') return { start, end: scanBracket(text, start) };
  let at = start;
  while (at < text.length && !/[,\]}#\n\r]/.test(text.charAt(at))) at++;
  // A date may contain a blank before its time, so only the blanks at the end are cut off.
  while (at > start && /[ \t]/.test(text.charAt(at - 1))) at--;
  return { start, end: at };
}

function scanBracket(text: string, start: number): number {
  let at = start + 1;
  for (let depth = 1; depth > 0 && at < text.length;) {
    const char = text[at];
    if (char === '"' || char === "'") at = scanString(text, at);
    else if (char === '#') at = lineEnd(text, at);
    else {
      if (char === '[' || char === '{') depth++;
      if (char === ']' || char === '}') depth--;
      at++;
    }
  }
  return at;
}

/** The offset after the closing quotes of the string that begins at `start`. */
function scanString(text: string, start: number): number {
  const quote = text.charAt(start);
  const long = text.startsWith(quote.repeat(3), start);
  const close = long ? quote.repeat(3) : quote;
  let at = start + close.length;
  while (at < text.length && !text.startsWith(close, at)) at += quote === '"' && text[at] === '\\' ? 2 : 1;
  at += close.length;
  // Up to two quotes may precede the three closing quotes.
  for (let extra = 0; long && extra < 2 && text[at] === quote; extra++) at++;
  return at;
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\x1b',
  '"': '"',
  '\\': '\\',
};

function unescape(raw: string): string {
  return raw.replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))/g,
    (_whole, u?: string, long?: string, x?: string, char?: string) => {
      const code = u ?? long ?? x;
      return code === undefined ? (ESCAPES[char ?? ''] ?? '') : String.fromCodePoint(parseInt(code, 16));
    },
  );
}
