/**
 * The hash by which people trust a hook (docs/protocol/services.md §6 "Hash"). It is the official program's, so that a
 * hook that is trusted in one of the two programs is trusted in the other.
 */
import { canonicalJson, layerVersion } from '../../config/toml/layer-version.js';
import { isList, isTable, newTable, TomlDatetime, type TomlTable, type TomlValue } from '../../config/toml/value.js';
import { NUMBER_KEY } from './json-tree.js';

/** What counts: the event, its matcher and the handler, each as it takes effect; not where they are written. */
export interface HashedHook {
  readonly snake: string;
  /** Null: the event has none, or none is written. */
  readonly matcher: string | null;
  /** The members of the handler, with the names of the file. */
  readonly handler: TomlTable;
}

/** `sha256:` and 64 hexadecimal digits. */
export function hookHash({ snake, matcher, handler }: HashedHook): string {
  const hashed: TomlTable = Object.assign(newTable(), { event_name: snake, hooks: [handler] });
  if (matcher !== null) hashed.matcher = matcher;
  return layerVersion(hashed);
}

/** The arguments of a tool, where the official program keeps the digits of a number in a map. */
export function hashedInput(value: TomlTable): TomlTable;
export function hashedInput(value: TomlValue): TomlValue;
export function hashedInput(value: TomlValue): TomlValue {
  if (isList(value)) return value.map((item) => hashedInput(item));
  if (isTable(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, hashedInput(item)] as const);
    return Object.assign(newTable(), Object.fromEntries(entries));
  }
  if (value instanceof TomlDatetime) return value.text;
  // Fractions of a hooks.json are such maps already.
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return Object.assign(newTable(), { [NUMBER_KEY]: canonicalJson(value) });
}
