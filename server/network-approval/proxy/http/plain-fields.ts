import { isFieldValue } from './request-head.js';
import { isToken } from './token.js';

/**
 * The fields of a block of HTTP/2 without its pseudo-headers, a flat list as `raw` is; null: one cannot be written in
 * HTTP/1.1, so that two readers could see different fields.
 */
export function plainFields(raw: readonly string[]): string[] | null {
  const plain: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    if (name.startsWith(':')) continue;
    if (!isToken(name) || !isFieldValue(value)) return null;
    plain.push(name, value);
  }
  return plain;
}
