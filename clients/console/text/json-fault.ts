/** Where a text stops being JSON (RFC 8259). Browsers say it in words, each in its own. */

export interface JsonFault {
  /** From 1, in UTF-16 units. */
  readonly line: number;
  readonly column: number;
  readonly expected: string;
}

/** The first fault of a text that `JSON.parse` refuses. Null: there is none. */
export function jsonFault(text: string): JsonFault | null {
  try {
    readValue({ text, at: 0, depth: 0 }, true);
    return null;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const before = text.slice(0, error.at).split('\n');
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, expected: error.expected };
  }
}

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
}

class Stop extends Error {
  readonly at: number;
  readonly expected: string;

  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
    this.expected = expected;
  }
}

const BLANK = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
/** Values in values: more is a mistake, and would be too deep for this reader. */
const DEEPEST = 500;

function skip(reader: Reader, pattern: RegExp): boolean {
  pattern.lastIndex = reader.at;
  const found = pattern.test(reader.text);
  if (found) reader.at = pattern.lastIndex;
  return found;
}

function next(reader: Reader, character: string): boolean {
  skip(reader, BLANK);
  if (reader.text[reader.at] !== character) return false;
  reader.at++;
  return true;
}

function readString(reader: Reader, expected: string): void {
  skip(reader, BLANK);
  if (!skip(reader, STRING)) throw new Stop(reader.at, expected);
  if (reader.text[reader.at] !== '"') throw new Stop(reader.at, 'the end of the string, in double quotes');
  reader.at++;
}

function readValue(reader: Reader, whole = false): void {
  if (++reader.depth > DEEPEST) throw new Stop(reader.at, `at most ${DEEPEST} values in each other`);
  if (next(reader, '{')) readMembers(reader, '}', 'an object');
  else if (next(reader, '[')) readMembers(reader, ']', 'a list');
  else if (reader.text[reader.at] === '"') readString(reader, '');
  else if (!skip(reader, SCALAR)) throw new Stop(reader.at, 'a value');
  reader.depth--;
  if (!whole) return;
  skip(reader, BLANK);
  if (reader.at < reader.text.length) throw new Stop(reader.at, 'the end of the text');
}

function readMembers(reader: Reader, end: '}' | ']', what: string): void {
  if (next(reader, end)) return;
  do {
    if (end === '}') {
      readString(reader, 'a name in double quotes');
      if (!next(reader, ':')) throw new Stop(reader.at, 'a colon after the name');
    }
    readValue(reader);
  } while (next(reader, ','));
  if (!next(reader, end)) throw new Stop(reader.at, `a comma, or ${end} as the end of ${what}`);
}
