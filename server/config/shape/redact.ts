/**
 * Replaces secrets. The shape marks the keys that hold a secret (`secret`). On the wire only the secrets that the
 * protocol replaces are replaced. Output for people contains no secret at all.
 */
import { isList, isTable, newTable } from '../toml/value.js';
import type { Secrecy, Shape } from './toml-shape.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

export const REDACTED = '[redacted]';

/**
 * The value with its secrets replaced; parts without a secret are shared with the original. `people`: also replaces
 * credentials in addresses, values after options such as `--token`, and unknown keys with a name such as `api_key`.
 */
export function redacted(value: TomlValue, shape: Shape | null, reader: Secrecy): TomlValue {
  if (shape?.secret === 'wire' || (shape?.secret === 'people' && reader === 'people')) return hidden(value);
  if (typeof value === 'string') return reader === 'people' ? withoutCredentials(value) : value;
  if (isList(value)) return changed(value, redactedList(value, itemShape(shape), reader));
  return isTable(value) ? redactedTable(value, shape, reader) : value;
}

/** Replaces every text and number below a value. The keys stay, so that people see which keys are set. */
function hidden(value: TomlValue): TomlValue {
  if (isList(value)) return value.map(hidden);
  if (!isTable(value)) return REDACTED;
  const copy = newTable();
  for (const [key, item] of Object.entries(value)) copy[key] = hidden(item);
  return copy;
}

/** The same for a table that is not a secret itself. */
export function redactedTable(table: TomlTable, shape: Shape | null, reader: Secrecy): TomlTable {
  let copy: TomlTable | undefined;
  for (const [key, value] of Object.entries(table)) {
    const field = fieldShape(shape, table, key);
    const secretName = reader === 'people' && field === null && SECRET_NAME.test(key);
    const shown = secretName ? hidden(value) : redacted(value, field, reader);
    if (shown !== value) (copy ??= Object.assign(newTable(), table))[key] = shown;
  }
  return copy ?? table;
}

function redactedList(list: readonly TomlValue[], of: Shape | null, reader: Secrecy): TomlValue[] {
  return list.map((item, index) => {
    const before = list[index - 1];
    const afterOption =
      typeof before === 'string' && /^-/.test(before) && SECRET_NAME.test(before) && !before.includes('=');
    return reader === 'people' && afterOption && typeof item === 'string' ? REDACTED : redacted(item, of, reader);
  });
}

const changed = (before: readonly TomlValue[], after: readonly TomlValue[]): readonly TomlValue[] =>
  after.some((item, index) => item !== before[index]) ? after : before;

const itemShape = (shape: Shape | null): Shape | null => {
  if (shape?.kind === 'list') return shape.of;
  if (shape?.kind === 'union') return shape.forms.map(itemShape).find((form) => form !== null) ?? null;
  return null;
};

/** The shape of one key; null: the key is unknown. */
function fieldShape(shape: Shape | null, table: TomlTable, key: string): Shape | null {
  switch (shape?.kind) {
    case 'table':
      return (Object.hasOwn(shape.fields, key) ? shape.fields[key] : shape.rest) ?? null;
    case 'map':
      return shape.of;
    case 'hidden':
      return fieldShape(shape.of, table, key);
    case 'variants':
      return shape.tables[key] ?? null;
    case 'tagged': {
      const tag = table[shape.tag];
      const variant = typeof tag === 'string' ? shape.variants[tag] : undefined;
      return variant === undefined ? null : fieldShape(variant, table, key);
    }
    case 'union':
      return shape.forms.map((form) => fieldShape(form, table, key)).find((form) => form !== null) ?? null;
    default:
      return null;
  }
}

const SECRET_NAME =
  /(^|[_.-]|[a-z](?=[A-Z]))(api[_-]?key|key|token|secret|passw(or)?d|passphrase|credentials?|authorization|cookie|bearer)s?$/i;

/** Whether a key of this name holds a secret. */
export const isSecretName = (key: string): boolean => SECRET_NAME.test(key);

/** Removes the secrets from texts such as `https://user:password@host/?token=x` and `--token=x`. */
function withoutCredentials(text: string): string {
  return text
    .replace(/(:\/\/)[^/?#\s@]+@/g, `$1${REDACTED}@`)
    .replace(/([?&;]|^--?)([^?&;=#\s]+)=([^&;#\s]+)/g, (all, before: string, name: string) =>
      SECRET_NAME.test(name) || /^(sig|signature|code)$/i.test(name) ? `${before}${name}=${REDACTED}` : all,
    );
}
