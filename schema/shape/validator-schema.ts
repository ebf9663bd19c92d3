/**
 * Converts shapes to ajv schemas, for the build alone (scripts/build-validators.mjs). The compiled validators accept
 * the ordinary spelling and fill in defaults (ajv's `useDefaults`). Values that they refuse go to
 * schema/shape/explain.ts, which decides. So a schema here may be narrower than its shape, never wider.
 */
import { integerLimits } from './integers.js';
import type { FieldShape, Shape, StructShape } from './wire-shape.js';

type Schema = Record<string, unknown> | boolean;

/** The name of a named type in ajv. */
export const typeId = (name: string): string => `urn:type:${name}`;

/** The schema of one shape. `typeId` gives the references to named types. */
export function validatorSchema(shape: Shape): Schema {
  switch (shape.kind) {
    case 'json':
      return true;
    case 'unit':
      return { type: 'null' };
    case 'boolean':
      return { type: 'boolean' };
    case 'float':
      return { type: 'number' };
    case 'integer':
      return { type: 'integer', minimum: integerLimits[shape.width].min, maximum: integerLimits[shape.width].max };
    case 'string':
      return stringSchema(shape.format);
    case 'enum':
      return { enum: [...shape.values] };
    case 'nullable':
      return orNull(validatorSchema(shape.of));
    case 'list':
      return { type: 'array', items: validatorSchema(shape.of) };
    case 'dict':
      return { type: 'object', additionalProperties: validatorSchema(shape.of) };
    case 'ref':
      return { $ref: typeId(shape.name) };
    case 'struct':
      return structSchema(shape);
    case 'tagged':
      return {
        type: 'object',
        required: [shape.tag],
        discriminator: { propertyName: shape.tag },
        oneOf: Object.entries(shape.variants).map(([word, { of }]) => variantSchema(shape.tag, word, of)),
      };
    case 'choice':
      return choiceSchema(shape);
    case 'untagged':
      return untaggedSchema(shape.of);
  }
}

function stringSchema(format: string | undefined): Schema {
  // Other absolute paths depend on the platform: schema/shape/explain.ts checks them.
  if (format === 'absolutePath' || format === 'pathUri') return { type: 'string', pattern: '^/' };
  if (format === 'uuid') return { type: 'string', pattern: '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' };
  return format === 'nonEmpty' ? { type: 'string', minLength: 1 } : { type: 'string' };
}

function structSchema(shape: StructShape): Record<string, unknown> {
  const fields = Object.entries(shape.fields);
  const properties = Object.fromEntries(fields.map(([key, field]) => [key, fieldSchema(field)]));
  const required = fields.filter(([, field]) => field.presence === 'required').map(([key]) => key);
  const dict = shape.flatten?.find((flat) => flat.kind === 'dict');
  const others = (shape.flatten ?? []).filter((flat) => flat !== dict);
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    ...(shape.strict ? { additionalProperties: false } : {}),
    ...(dict?.kind === 'dict' ? { additionalProperties: validatorSchema(dict.of) } : {}),
    ...(others.length === 0 ? {} : { allOf: others.map(validatorSchema) }),
  };
}

/** `default` is the value that ajv fills in. ajv does so only for schemas that are objects. */
function fieldSchema(field: FieldShape): Schema {
  switch (field.presence) {
    case 'required':
      return validatorSchema(field.of);
    case 'patch':
      return orNull(validatorSchema(field.of));
    case 'optional':
    case 'nullish':
    case 'omitted':
      return { ...orNull(validatorSchema(field.of)), default: null };
    case 'defaulted':
    case 'omittable':
      return { allOf: [validatorSchema(field.of)], default: field.default };
  }
}

/** Not anyOf: ajv fills in no defaults below anyOf. */
const orNull = (schema: Schema): Record<string, unknown> =>
  schema === true ? {} : { if: { type: 'null' }, then: true, else: schema };

function variantSchema(tag: string, word: string, of: Shape | null): Schema {
  const constant = { properties: { [tag]: { const: word } }, required: [tag] };
  if (of === null) return constant;
  if (of.kind !== 'struct') return { ...constant, allOf: [validatorSchema(of)] };
  const struct = structSchema(of);
  return {
    ...struct,
    properties: { ...constant.properties, ...(struct.properties as object) },
    required: [tag, ...((struct.required as readonly string[] | undefined) ?? [])],
  };
}

function choiceSchema(shape: Extract<Shape, { kind: 'choice' }>): Schema {
  if (shape.open) return true;
  const variants = Object.entries(shape.variants);
  const words = variants
    .filter(([, { of, insteadOf }]) => of === null && insteadOf === undefined)
    .map(([word]) => word);
  const contents = variants.flatMap(([word, { of }]) => (of === null ? [] : [[word, validatorSchema(of)] as const]));
  if (contents.length === 0) return { enum: words };
  const content = {
    type: 'object',
    minProperties: 1,
    maxProperties: 1,
    properties: Object.fromEntries(contents),
    additionalProperties: false,
  };
  return words.length === 0 ? content : { if: { type: 'string' }, then: { enum: words }, else: content };
}

/**
 * The first member that matches wins, and an attempt that fails may already have filled in defaults. So only the
 * members before the first member with defaults are checked here. schema/shape/explain.ts checks the rest.
 */
function untaggedSchema(members: readonly Shape[]): Schema {
  const end = members.findIndex(hasDefaults);
  const tried = end === -1 ? members : members.slice(0, end);
  return tried.length === 0 ? false : { anyOf: tried.map(validatorSchema) };
}

function hasDefaults(shape: Shape): boolean {
  switch (shape.kind) {
    case 'struct':
      return (
        Object.values(shape.fields).some((field) => field.presence !== 'required' || hasDefaults(field.of)) ||
        (shape.flatten ?? []).some(hasDefaults)
      );
    case 'list':
    case 'dict':
    case 'nullable':
      return hasDefaults(shape.of);
    case 'untagged':
      return shape.of.some(hasDefaults);
    case 'tagged':
    case 'choice':
      return Object.values(shape.variants).some(({ of }) => of !== null && hasDefaults(of));
    case 'ref':
      return true;
    default:
      return false;
  }
}
