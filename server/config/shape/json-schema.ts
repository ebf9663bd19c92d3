import { configShape } from './config-shape.js';
import type { IntegerType, Shape, TableShape } from './shape.js';

type Schema = Record<string, unknown>;

/** config.toml as a JSON Schema (draft-07) for editors: the same description that checks the file. */
export function configJsonSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'config.toml of codexd',
    ...tableSchema(configShape()),
  };
}

function schemaOf(shape: Shape): Schema {
  const doc = shape.doc === '' ? {} : { description: shape.doc };
  const fallback = shape.fallback === undefined || shape.kind === 'table' ? {} : { default: shape.fallback };
  return { ...doc, ...typeOf(shape), ...fallback };
}

function typeOf(shape: Shape): Schema {
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
      return schemaOf(shape.of);
    case 'refused':
      return { not: {}, description: shape.text };
    case 'enum':
      return { type: 'string', enum: shape.values };
    case 'list':
      return { type: 'array', items: schemaOf(shape.of) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(shape.of) };
    case 'table':
      return tableSchema(shape);
    case 'union':
      return { anyOf: shape.forms.map(schemaOf) };
    case 'variants':
      return {
        oneOf: [
          { type: 'string', enum: shape.words },
          ...Object.entries(shape.tables).map(([name, table]) => ({
            type: 'object',
            properties: { [name]: schemaOf(table) },
            required: [name],
            additionalProperties: false,
          })),
        ],
      };
    case 'tagged':
      return {
        oneOf: Object.entries(shape.variants).map(([name, table]) => {
          const schema = tableSchema(table);
          return {
            ...schema,
            properties: { [shape.tag]: { const: name }, ...(schema.properties as Schema) },
            required: [shape.tag, ...table.required],
          };
        }),
      };
  }
}

function tableSchema(shape: TableShape): Schema {
  return {
    ...(shape.doc === '' ? {} : { description: shape.doc }),
    type: 'object',
    properties: Object.fromEntries(Object.entries(shape.fields).map(([key, field]) => [key, schemaOf(field)])),
    ...(shape.required.length === 0 ? {} : { required: shape.required }),
    // An unknown key is a mistake to an editor, whatever the program makes of it.
    additionalProperties: shape.rest === null ? false : schemaOf(shape.rest),
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
