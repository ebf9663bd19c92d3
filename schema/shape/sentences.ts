/**
 * The sentences by which the protocol names the first error of a value (docs/protocol/transport.md §1,
 * docs/protocol/config.md §2.1). Values of JSON (explain.ts) and of TOML (server/config/shape/check.ts) share them.
 */
import { isInteger } from './integers.js';

/** `invalid type: integer \`1\`, expected a string`. `found`: the value in the words of its language. */
export const invalidType = (found: string, expected: string): string => `invalid type: ${found}, expected ${expected}`;

/** ``unknown variant `x`, expected `a` or `b` `` */
export const unknownVariant = (word: string, words: readonly string[]): string =>
  `unknown variant \`${word}\`, ${expectedWords(words)}`;

/** ``unknown field `x`, expected one of `a`, `b`, `c` `` */
export const unknownField = (key: string, known: readonly string[]): string =>
  `unknown field \`${key}\`, ${known.length === 0 ? 'there are no fields' : expectedWords(known)}`;

export const missingField = (key: string): string => `missing field \`${key}\``;

function expectedWords(words: readonly string[]): string {
  const [first = '', second = ''] = words.map((word) => `\`${word}\``);
  if (words.length === 1) return `expected ${first}`;
  if (words.length === 2) return `expected ${first} or ${second}`;
  return `expected one of ${words.map((word) => `\`${word}\``).join(', ')}`;
}

/** A value of JSON in error texts: its kind, and the value itself when the kind has short values. */
export function named(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return `string ${quoted(value)}`;
  if (typeof value === 'boolean') return `boolean \`${value}\``;
  if (typeof value === 'number')
    return isInteger(value) ? `integer \`${BigInt(value)}\`` : `floating point \`${floatText(value)}\``;
  return Array.isArray(value) ? 'sequence' : 'map';
}

const floatText = (value: number): string => {
  if (Object.is(value, -0)) return '-0.0';
  if (!Number.isInteger(value)) return String(value);
  const [digits = '', exponent] = value.toExponential().split('e');
  return `${digits}e${exponent}`;
};

/** A quoted string with the escapes of the protocol's own decoder: \u{…} for characters that cannot be printed. */
function quoted(value: string): string {
  const escaped = value.replace(/["\\]|\p{C}|\p{Zl}|\p{Zp}|(?! )\p{Zs}/gu, (char) => {
    const short = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' }[char];
    return short ?? `\\u{${char.codePointAt(0)?.toString(16)}}`;
  });
  return `"${escaped}"`;
}
