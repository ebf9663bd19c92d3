/**
 * JSON that keeps 64-bit integers. JavaScript's own writer refuses bigints and its reader rounds integers beyond 2^53;
 * configuration has such integers, and clients get and give them digit by digit.
 *
 * They pass through JSON.stringify and JSON.parse as texts that begin with a mark. A text that begins with the mark by
 * itself is marked as a text, so that nothing can be mistaken for an integer.
 */

/**
 * The JSON text of a value; bigints are written as integers. Undefined for what JSON has no text for (a function).
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

const MARK = '\u0001';

function withBigints(value: unknown): string | undefined {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return `${MARK}i${item}`;
    return typeof item === 'string' && item.startsWith(MARK) ? `${MARK}s${item}` : item;
  }) as string | undefined;
  // A quote that begins a text has no backslash before it; one with a colon behind it ends a key.
  return text?.replace(
    /(?<!\\)"\\u0001(?:i(-?\d+)|s((?:[^"\\]|\\.)*))"(?!:)/g,
    (_all, digits: string | undefined, own: string | undefined) => digits ?? `"${own ?? ''}"`,
  );
}

/** As JSON.parse, but integers that a double cannot hold are bigints. Throws SyntaxError. */
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

/** Whether there is anything in the text that JSON.parse could round. */
export const mayHaveBigIntegers = (text: string): boolean => /\d{16}/.test(text);
