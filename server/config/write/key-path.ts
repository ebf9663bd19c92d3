import { writeRefused } from './write-refusal.js';

/**
 * Splits a keyPath (docs/protocol/config.md §5): segments between dots; a segment may be a string in double quotes with
 * the escapes `\"` and `\\`. Other characters are literal, blanks and brackets included. Throws a
 * configValidationError.
 */
export function parseKeyPath(keyPath: string): string[] {
  if (keyPath === '') throw invalid('keyPath must not be empty');
  const segments: string[] = [];
  let at = 0;
  for (;;) {
    const segment = keyPath[at] === '"' ? quoted(keyPath, at) : plain(keyPath, at);
    if (segment.name === '') throw invalid('keyPath segments must not be empty');
    segments.push(segment.name);
    if (segment.end === keyPath.length) return segments;
    at = segment.end + 1;
  }
}

interface Segment {
  readonly name: string;
  readonly end: number;
}

function plain(keyPath: string, start: number): Segment {
  const dot = keyPath.indexOf('.', start);
  const end = dot < 0 ? keyPath.length : dot;
  const name = keyPath.slice(start, end);
  if (name.includes('"')) throw invalid('invalid quoted keyPath segment');
  return { name, end };
}

function quoted(keyPath: string, start: number): Segment {
  let name = '';
  for (let at = start + 1; at < keyPath.length; at++) {
    const char = keyPath.charAt(at);
    if (char === '"') {
      // A text directly after the quotes is a mistake: `"a"b` is not the key `ab`.
      if (at + 1 < keyPath.length && keyPath[at + 1] !== '.') throw invalid('invalid quoted keyPath segment');
      return { name, end: at + 1 };
    }
    if (char === '\\') {
      const escaped = keyPath[at + 1];
      if (escaped === undefined) break;
      if (escaped !== '"' && escaped !== '\\') throw invalid('invalid quoted keyPath segment');
      name += escaped;
      at++;
    } else name += char;
  }
  throw invalid('unterminated quoted keyPath segment');
}

const invalid = (message: string): Error => writeRefused('configValidationError', message);
