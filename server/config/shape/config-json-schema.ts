import { REQUIREMENTS_KEYS } from './enforcement.js';
import { requirementsShape } from './requirements-shape.js';
import { configShape } from './config-shape.js';
import { DESCRIPTIONS } from './descriptions.js';
import { withoutEffect } from './without-effect.js';
import type { IntegerType, Shape, TableShape } from './toml-shape.js';

type Schema = Record<string, unknown>;

/** Describes a key, given by its dotted path (`*` for a name). Empty: no description is known. */
type Describe = (key: string) => string;

/** config.toml as a JSON Schema (draft-07) for editors, made from the shape that checks the file. */
export function configJsonSchema(): Schema {
  return document('config.toml of codexd', configShape(), (key) => {
    const meaning = withoutEffect(key);
    return DESCRIPTIONS[key] ?? (meaning === null ? '' : `Without effect in codexd: ${meaning}.`);
  });
}

/** requirements.toml as a JSON Schema: each key says how it is enforced. */
export function requirementsJsonSchema(): Schema {
  return document('requirements.toml of codexd', requirementsShape(), (key) => {
    for (let at = key; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      const enforcement = Object.hasOwn(REQUIREMENTS_KEYS, at) ? REQUIREMENTS_KEYS[at] : undefined;
      if (enforcement?.kind === 'enforced') return sentence(enforcement.by);
      if (enforcement?.kind === 'nothing') return sentence(`always met: ${enforcement.because}`);
      if (enforcement?.kind === 'refused') return sentence(`the daemon does not start: ${enforcement.why}`);
    }
    const parts = Object.keys(REQUIREMENTS_KEYS).filter((name) => name.startsWith(`${key}.`));
    return parts.length === 0 ? '' : `Holds ${parts.map((name) => `\`${name.slice(key.length + 1)}\``).join(', ')}.`;
  });
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function document(title: string, shape: TableShape, describe: Describe): Schema {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title, ...tableSchema(shape, '', describe) };
}

function schemaOf(shape: Shape, key: string, describe: Describe): Schema {
  const doc = shape.doc || describe(key);
  const description = doc === '' ? {} : { description: doc };
  const fallback = shape.fallback === undefined || shape.kind === 'table' ? {} : { default: shape.fallback };
  return { ...description, ...typeOf(shape, key, describe), ...description, ...fallback };
}

function typeOf(shape: Shape, key: string, describe: Describe): Schema {
  const inner = (of: Shape, name?: string): Schema =>
    schemaOf(of, name === undefined ? key : `${key}.${name}`, describe);
  switch (shape.kind) {
    case 'string':
    case 'path':
      return { type: 'string' };
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer', ...BOUNDS[shape.type] };
    case 'float':
      return { type: 'number' };
    case 'any':
      return {};
    case 'hidden':
      return inner(shape.of);
    case 'refused':
      return { not: {}, description: shape.text };
    case 'enum':
      return { type: 'string', enum: shape.values };
    case 'list':
      return { type: 'array', items: inner(shape.of) };
    case 'map':
      return { type: 'object', additionalProperties: inner(shape.of, '*') };
    case 'table':
      return tableSchema(shape, key, describe);
    case 'union':
      return { anyOf: shape.forms.map((form) => inner(form)) };
    case 'variants':
      return {
        oneOf: [
          { type: 'string', enum: shape.words },
          ...Object.entries(shape.tables).map(([name, table]) => ({
            type: 'object',
            properties: { [name]: inner(table, name) },
            required: [name],
            additionalProperties: false,
          })),
        ],
      };
    case 'tagged':
      return {
        oneOf: Object.entries(shape.variants).map(([name, table]) => {
          const schema = tableSchema(table, key, describe);
          return {
            ...schema,
            properties: { [shape.tag]: { const: name }, ...(schema.properties as Schema) },
            required: [shape.tag, ...table.required],
          };
        }),
      };
  }
}

function tableSchema(shape: TableShape, key: string, describe: Describe): Schema {
  const below = (name: string): string => (key === '' ? name : `${key}.${name}`);
  return {
    ...(shape.doc === '' ? {} : { description: shape.doc }),
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(shape.fields).map(([name, field]) => [name, schemaOf(field, below(name), describe)]),
    ),
    ...(shape.required.length === 0 ? {} : { required: shape.required }),
    // An editor shows an unknown key as a mistake, although the daemon may only warn.
    additionalProperties: shape.rest === null ? false : schemaOf(shape.rest, below('*'), describe),
  };
}

const BOUNDS: Readonly<Record<IntegerType, Schema>> = {
  i32: { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  i64: {},
  u8: { minimum: 0, maximum: 255 },
  u16: { minimum: 0, maximum: 65535 },
  u32: { minimum: 0, maximum: 2 ** 32 - 1 },
  u64: { minimum: 0 },
  usize: { minimum: 0 },
  'a nonzero u64': { minimum: 1 },
  'a nonzero usize': { minimum: 1 },
};
