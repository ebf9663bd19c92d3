/** JSON that a plugin or a marketplace brings, and its faults in the words of the official program. */
import { isObject } from '../system/node/objects.js';
import { placed, readTree } from '../hooks/discover/json-text.js';

export type JsonRead = { readonly value: unknown } | { readonly fault: string };

/** Never throws. A fault has its line and column. */
export function readJson(text: string): JsonRead {
  const tree = readTree(text);
  if (!('type' in tree)) return { fault: placed(tree, text) };
  return { value: JSON.parse(text) as unknown };
}

export const textIn = (value: unknown, key: string): string | null =>
  isObject(value) && typeof value[key] === 'string' ? value[key] : null;

export const objectIn = (value: unknown, key: string): Record<string, unknown> | null =>
  isObject(value) && isObject(value[key]) ? value[key] : null;

/** The texts of a list; a text alone is a list of one. */
export function textsIn(value: unknown, key: string): readonly string[] {
  const found = isObject(value) ? value[key] : undefined;
  if (typeof found === 'string') return [found];
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}
