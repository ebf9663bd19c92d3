/**
 * Checks arguments that a model wrote. The model receives mistakes in the protocol's words; a person never sees them as
 * errors.
 */
import { messageOf } from '../../errors/message-of.js';
import { CodexdError } from '../../errors/codexd-error.js';
import { isObject } from '../../system/node/objects.js';

/** The message follows `failed to parse function arguments: `. */
export const argumentError = (message: string): CodexdError => new CodexdError('tool.arguments', message);

type Kind = 'string' | 'boolean' | 'number' | 'strings' | 'object' | 'array' | { readonly oneOf: readonly string[] };
type Spec = Readonly<Record<string, { readonly kind: Kind; readonly required?: true }>>;

type Of<K extends Kind> = K extends 'string'
  ? string
  : K extends 'boolean'
    ? boolean
    : K extends 'number'
      ? number
      : K extends 'strings'
        ? readonly string[]
        : K extends 'object'
          ? Readonly<Record<string, unknown>>
          : K extends 'array'
            ? readonly unknown[]
            : K extends { readonly oneOf: readonly (infer V)[] }
              ? V
              : never;

export type ArgumentsOf<S extends Spec> = {
  readonly [N in keyof S]: S[N] extends { required: true } ? Of<S[N]['kind']> : Of<S[N]['kind']> | null;
};

/** Unknown members are ignored; null counts as absent, where a member may be absent. Throws `tool.arguments`. */
export function readArguments<const S extends Spec>(text: string, spec: S): ArgumentsOf<S> {
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch (error) {
    throw argumentError(messageOf(error));
  }
  const nulled = Object.entries(spec).find(
    ([name, { required }]) => required && isObject(value) && value[name] === null,
  );
  if (nulled !== undefined) throw nullError(text, ...nulled);
  return readMembers(value, spec);
}

/** The text that a program with typed arguments has; the column is the end of the null (docs/protocol/turns.md §4). */
function nullError(text: string, name: string, { kind }: Spec[string]): CodexdError {
  const before = text.search(new RegExp(`"${name}"\\s*:\\s*null`));
  const end = text.indexOf('null', before + name.length + 2) + 'null'.length;
  const line = text.slice(0, end).split('\n');
  const expected = kind === 'number' ? 'i32' : typeof kind === 'object' ? 'a string' : EXPECTED[kind];
  return argumentError(
    `invalid type: null, expected ${expected} at line ${line.length} column ${line.at(-1)?.length ?? 0}`,
  );
}

/** Like readArguments, for a nested value. */
export function readMembers<const S extends Spec>(value: unknown, spec: S): ArgumentsOf<S> {
  if (!isObject(value)) throw argumentError(`invalid type: ${shown(value)}, expected an object`);
  const read: Record<string, unknown> = {};
  for (const [name, { kind, required }] of Object.entries(spec)) {
    const member = value[name] ?? null;
    if (member === null && required) throw argumentError(`missing field \`${name}\``);
    if (member !== null) check(name, member, kind);
    read[name] = member;
  }
  return read as ArgumentsOf<S>;
}

function check(name: string, value: unknown, kind: Kind): void {
  if (typeof kind === 'object') {
    if (typeof value !== 'string' || !kind.oneOf.includes(value)) {
      const variants = kind.oneOf.map((variant) => `\`${variant}\``).join(', ');
      throw argumentError(`unknown variant ${shown(value)} in \`${name}\`, expected one of ${variants}`);
    }
    return;
  }
  const fits = {
    string: typeof value === 'string',
    boolean: typeof value === 'boolean',
    number: typeof value === 'number' && value >= 0,
    strings: Array.isArray(value) && value.every((one) => typeof one === 'string'),
    array: Array.isArray(value),
    object: typeof value === 'object' && !Array.isArray(value),
  }[kind];
  if (!fits) throw argumentError(`invalid type: ${shown(value)} in \`${name}\`, expected ${EXPECTED[kind]}`);
}

const EXPECTED: Readonly<Record<Exclude<Kind, object>, string>> = {
  string: 'a string',
  boolean: 'a boolean',
  number: 'a number that is not negative',
  strings: 'a list of strings',
  array: 'a list',
  object: 'an object',
};

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'sequence';
  if (typeof value === 'object' && value !== null) return 'map';
  return `${typeof value} ${JSON.stringify(value)}`;
}
