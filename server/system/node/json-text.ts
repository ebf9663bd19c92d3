/**
 * JSON that keeps 64-bit integers. JSON.stringify refuses bigints, and JSON.parse rounds integers above 2^53. The
 * configuration has such integers, and clients send and receive all their digits.
 *
 * An integer passes through JSON.stringify and JSON.parse as a string that begins with a mark. A string that begins
 * with the mark gets another mark, so it is never read as an integer.
 */

/**
 * The JSON text of a value; bigints are written as integers. Undefined: JSON has no text for the value (a function).
 * Throws TypeError for a cycle.
 */
export function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return withBigints(value);
  }
}

/**
 * JSON text whose U+2028 and U+2029 are escapes. JSON allows them unescaped, but line readers treat them as line ends
 * (Node's readline from 24 on).
 */
export const oneLine = (json: string): string =>
  // Two searches for one character: V8 does not even begin them in a text of one byte a character.
  json.includes('\u2028') || json.includes('\u2029')
    ? json.replace(/[\u2028\u2029]/g, (separator) => `\\u${separator.charCodeAt(0).toString(16)}`)
    : json;

/** The JSON text of a value as a part of a message. Throws TypeError when it cannot be written (a cycle). */
export const jsonPiece = (value: unknown): string => wellFormed(jsonText(value) as string);

/**
 * JSON.stringify writes a lone surrogate (a string cut between two code units) as an escape. Strict parsers refuse that
 * escape, and the client would lose the whole message. So the lone surrogate becomes U+FFFD.
 */
export function wellFormed(text: string): string {
  const lines = oneLine(text);
  if (!lines.includes('\\ud')) return lines;
  return lines.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, (escape) => (escape.length > 2 ? '\\ufffd' : escape));
}

const MARK = '\u0001';

function withBigints(value: unknown): string | undefined {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return `${MARK}i${item}`;
    return typeof item === 'string' && item.startsWith(MARK) ? `${MARK}s${item}` : item;
  }) as string | undefined;
  // The quote that begins a string has no backslash before it. A string with a colon after it is a key.
  return text?.replace(
    /(?<!\\)"\\u0001(?:i(-?\d+)|s((?:[^"\\]|\\.)*))"(?!:)/g,
    (_all, digits: string | undefined, own: string | undefined) => digits ?? `"${own ?? ''}"`,
  );
}

/** As JSON.parse, but an integer that a double cannot represent becomes a bigint. Throws SyntaxError. */
export function parseJsonExactly(text: string): unknown {
  if (!mayHaveBigIntegers(text)) return JSON.parse(text);
  const marked = text.replace(
    /"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d[\d.eE+-]*/g,
    (token, own: string | undefined, colon: string | undefined) => {
      if (own !== undefined) return colon === undefined && own.startsWith('\\u0001') ? `"\\u0001s${own}"` : token;
      return /^-?[1-9]\d{15,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"\\u0001i${token}"` : token;
    },
  );
  return JSON.parse(marked, (_key, item: unknown) => {
    if (typeof item !== 'string' || !item.startsWith(MARK)) return item;
    return item[1] === 'i' ? BigInt(item.slice(2)) : item.slice(2);
  });
}

/** Whether the text may contain a number that JSON.parse would round. */
export const mayHaveBigIntegers = (text: string): boolean => /\d{16}/.test(text);
