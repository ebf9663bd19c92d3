/**
 * The parameters of a tool, as models are shown them: the part of JSON Schema that every endpoint takes
 * (docs/protocol/services.md §7, "Tools for the model").
 *
 * Threat: a schema that is nested without end, or is no schema, in the request of every turn. Rule: what is too deep,
 * or of a kind that nobody knows, becomes a schema that allows anything.
 */
import { isObject } from '../../../system/node/objects.js';
type Schema = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 32;
const TYPES: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
/** Keywords whose values are lists of schemas, and maps of schemas. */
const LISTS = ['anyOf', 'oneOf', 'allOf'] as const;
const MAPS = ['$defs', 'definitions'] as const;

/** An object schema, whatever the server wrote. */
export function toolParameters(inputSchema: unknown): Schema {
  const schema = cleaned(inputSchema, 0);
  return schema.type === 'object' ? schema : { ...schema, type: 'object', properties: schema.properties ?? {} };
}

function cleaned(value: unknown, depth: number): Schema {
  if (value === true) return { type: 'string' };
  if (!isObject(value) || depth > MAX_DEPTH) return {};
  const { $ref, type, properties, items, required, description, additionalProperties: more, minItems } = value;
  if (typeof $ref === 'string') return { $ref };
  const types = typesOf(value, type);
  const isA = (name: string): boolean => types === name || (Array.isArray(types) && types.includes(name));
  const inner = (one: unknown): Schema => cleaned(one, depth + 1);
  const members = isObject(properties) ? Object.entries(properties) : [];
  return {
    ...(types === null ? {} : { type: types }),
    ...(typeof description === 'string' && types !== null ? { description } : {}),
    ...(enumOf(value) === null ? {} : { enum: enumOf(value) }),
    ...(isA('object') ? { properties: Object.fromEntries(members.map(([name, one]) => [name, inner(one)])) } : {}),
    ...(isA('object') && Array.isArray(required)
      ? { required: required.filter((one) => typeof one === 'string') }
      : {}),
    ...(isA('object') && typeof more === 'boolean' ? { additionalProperties: more } : {}),
    ...(isA('object') && isObject(more) ? { additionalProperties: inner(more) } : {}),
    ...(isA('array') ? { items: isObject(items) || items === true ? inner(items) : { type: 'string' } } : {}),
    ...(isA('array') && typeof minItems === 'number' ? { minItems } : {}),
    ...Object.fromEntries(
      LISTS.flatMap((key) => {
        const list = value[key];
        return Array.isArray(list) ? [[key, list.map(inner)]] : [];
      }),
    ),
    ...Object.fromEntries(
      MAPS.flatMap((key) => {
        const map = value[key];
        if (!isObject(map)) return [];
        return [[key, Object.fromEntries(Object.entries(map).map(([name, one]) => [name, inner(one)]))]];
      }),
    ),
  };
}

/** The type that is written, or the one that the other keywords are for. */
function typesOf(schema: Schema, type: unknown): unknown {
  if (TYPES.includes(type)) return type;
  if (Array.isArray(type)) {
    const known = type.filter((one) => TYPES.includes(one));
    if (known.length > 0) return known;
  }
  if ('properties' in schema || 'required' in schema) return 'object';
  if ('items' in schema || 'prefixItems' in schema) return 'array';
  return enumOf(schema) === null ? null : 'string';
}

function enumOf(schema: Schema): readonly unknown[] | null {
  if (Array.isArray(schema.enum)) return schema.enum;
  return 'const' in schema ? [schema.const] : null;
}
