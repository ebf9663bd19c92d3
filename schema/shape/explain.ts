/**
 * Reads a JSON value by its shape, slowly and in the order of the input, and reports its first error in the protocol's
 * words (docs/protocol/transport.md §1). The compiled validators handle the ordinary case. Only values that they refuse
 * come here: values with errors, and spellings that the validators do not know (a struct as a list of its members in
 * order, a variant as its number, a path that only this platform calls absolute).
 *
 * The first error wins: wrong values in the order of the input, then missing members in the order of declaration.
 */
import nodePath from 'node:path';
import { integerLimits, isInteger } from './integers.js';
import { dynamicToolsOfToday, formOfDynamicTools } from './older-forms.js';
import { invalidType, missingField, named, unknownField, unknownVariant } from './sentences.js';
import type { Definitions, FieldShape, Shape, StructShape, VariantShape } from './wire-shape.js';

export type Decoded = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/**
 * Reads `value`. On success the value contains its defaults. Objects of the input are changed in place, never copied.
 */
export function explain(shape: Shape, value: unknown, definitions: Definitions): Decoded {
  try {
    return { ok: true, value: read(shape, value, definitions) };
  } catch (error) {
    if (error instanceof Offence) return { ok: false, message: error.message };
    throw error;
  }
}

/** Passes the first error out of the recursion. It never leaves this file. */
class Offence extends Error {}

type Json = Record<string, unknown>;
type TaggedShape = Extract<Shape, { kind: 'tagged' }>;
type ChoiceShape = Extract<Shape, { kind: 'choice' }>;

function read(shape: Shape, value: unknown, definitions: Definitions): unknown {
  switch (shape.kind) {
    case 'json':
      return value;
    case 'unit':
      if (value === null || (isMap(value) && Object.keys(value).length === 0)) return null;
      throw wrongType(value, 'unit');
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw wrongType(value, 'a boolean');
    case 'float':
      if (typeof value === 'number') return value;
      throw wrongType(value, 'f64');
    case 'integer':
      return readInteger(value, shape.width);
    case 'string':
      return readString(shape, value);
    case 'enum':
      return readChoice({ kind: 'choice', variants: wordsOnly(shape.values) }, value, definitions);
    case 'nullable':
      return value === null ? null : read(shape.of, value, definitions);
    case 'list':
      if (!Array.isArray(value)) throw wrongType(value, 'a sequence');
      return readList(shape, value, definitions);
    case 'dict':
      if (!isMap(value)) throw wrongType(value, 'a map');
      for (const key of Object.keys(value)) value[key] = read(shape.of, value[key], definitions);
      return value;
    case 'struct':
      return readStruct(shape, value, definitions, `struct ${shape.called ?? ''}`.trim());
    case 'tagged':
      return readTagged(shape, value, definitions);
    case 'choice':
      return readChoice(shape, value, definitions);
    case 'untagged':
      return readUntagged(shape, value, definitions);
    case 'ref':
      return read(definition(shape.name, definitions), value, definitions);
  }
}

function readList(shape: Extract<Shape, { kind: 'list' }>, value: unknown[], definitions: Definitions): unknown[] {
  if (shape.older !== undefined) {
    const form = formOfDynamicTools(value);
    if (form === 'mixed') throw new Offence('dynamic tools must use either canonical or legacy format consistently');
    const older = shape.older.of;
    if (form === 'older') return dynamicToolsOfToday(value.map((member) => read(older, member, definitions) as Json));
  }
  value.forEach((member, index) => (value[index] = read(shape.of, member, definitions)));
  return value;
}

// ---- leaves ----

function readInteger(value: unknown, width: Extract<Shape, { kind: 'integer' }>['width']): number {
  // In the protocol, whole numbers beyond 64 bits are floating point numbers.
  if (typeof value !== 'number' || !isInteger(value)) throw wrongType(value, width);
  const { min, max } = integerLimits[width];
  if (value < min || value > max) throw new Offence(`invalid value: ${named(value)}, expected ${width}`);
  return value;
}

function readString(shape: Extract<Shape, { kind: 'string' }>, value: unknown): string {
  const isPath = shape.format === 'path' || shape.format === 'absolutePath';
  if (typeof value !== 'string') throw wrongType(value, isPath ? 'path string' : 'a string');
  if (shape.format === 'absolutePath' && !nodePath.isAbsolute(value)) {
    throw new Offence('AbsolutePathBuf deserialized without a base path');
  }
  if (shape.format === 'pathUri' && !isPathUri(value)) throw new Offence(`path \`${value}\` is not absolute`);
  if (shape.format === 'uuid' && !UUID.test(value)) throw new Offence(`invalid thread id: ${value}`);
  if (shape.format === 'nonEmpty' && value === '') throw new Offence(`${shape.called} must not be empty`);
  return value;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** An absolute path of any platform (it may belong to another machine), or a file URL. */
const isPathUri = (value: string): boolean => /^(?:\/|[a-zA-Z]:[\\/]|\\\\|file:)/.test(value);

// ---- structs ----

/**
 * `title` is the struct's name in error texts. `skip` is a member that was already read (the tag of a tagged union).
 */
function readStruct(shape: StructShape, value: unknown, definitions: Definitions, title: string, skip?: string): Json {
  if (Array.isArray(value)) return readPositional(shape, value, definitions, title);
  if (!isMap(value)) throw wrongType(value, title);
  for (const key of Object.keys(value)) {
    if (key === skip) continue;
    const field = ownField(shape, key);
    if (field !== undefined) value[key] = readField(field, value[key], definitions);
    else if (shape.strict) throw wrongField(key, shape);
  }
  for (const [key, field] of Object.entries(shape.fields)) {
    if (!Object.hasOwn(value, key)) fillIn(value, key, field);
  }
  for (const flat of shape.flatten ?? []) readFlat(flat, value, shape, definitions);
  return value;
}

function readField(field: FieldShape, value: unknown, definitions: Definitions): unknown {
  if (value === null && acceptsNull(field)) return null;
  return read(field.of, value, definitions);
}

const acceptsNull = ({ presence }: FieldShape): boolean =>
  presence === 'optional' || presence === 'nullish' || presence === 'omitted' || presence === 'patch';

/** Gives an absent member the value that its presence defines. */
function fillIn(value: Json, key: string, field: FieldShape): void {
  if (field.presence === 'patch') return;
  if (field.presence === 'required') throw new Offence(missingField(key));
  value[key] = acceptsNull(field) ? null : structuredClone(field.default);
}

/** A struct as a list: its members by position. Trailing members with a default may be absent. */
function readPositional(shape: StructShape, value: unknown[], definitions: Definitions, title: string): Json {
  const fields = Object.entries(shape.fields);
  const result: Json = {};
  fields.forEach(([key, field], index) => {
    if (index < value.length) result[key] = readField(field, value[index], definitions);
    else if (field.default === undefined && field.presence !== 'patch') throw wrongLength(index, title, fields.length);
    else fillIn(result, key, field);
  });
  if (value.length > fields.length) {
    throw new Offence(`invalid length ${value.length}, expected ${elements(fields.length)} in sequence`);
  }
  return result;
}

/** A union or a dict with members among those of `owner`. */
function readFlat(flat: Shape, value: Json, owner: StructShape, definitions: Definitions): void {
  if (flat.kind === 'ref') return readFlat(definition(flat.name, definitions), value, owner, definitions);
  if (flat.kind === 'dict') {
    for (const key of Object.keys(value)) {
      if (ownField(owner, key) === undefined) value[key] = read(flat.of, value[key], definitions);
    }
    return;
  }
  read(flat, value, definitions);
}

// ---- unions ----

function readTagged(shape: TaggedShape, value: unknown, definitions: Definitions): Json {
  const title = `internally tagged enum ${shape.called ?? ''}`.trim();
  if (shape.open && passes(shape, value)) return value as Json;
  if (Array.isArray(value)) return readPositionalVariant(shape, value, definitions);
  if (!isMap(value)) throw wrongType(value, title);
  if (!Object.hasOwn(value, shape.tag)) throw new Offence(missingField(shape.tag));
  const word = variantWord(shape.variants, value[shape.tag]);
  value[shape.tag] = word;
  return readVariant(shape, word, value, definitions);
}

/** Whether an open union accepts the value: its tag is unknown here. */
function passes(shape: TaggedShape, value: unknown): boolean {
  const tag: unknown = Array.isArray(value) ? value[0] : isMap(value) ? value[shape.tag] : undefined;
  if (typeof tag === 'string') return !Object.hasOwn(shape.variants, tag);
  return typeof tag === 'number' && isInteger(tag) && tag >= Object.keys(shape.variants).length;
}

function readVariant(shape: TaggedShape, word: string, content: unknown, definitions: Definitions): Json {
  const struct = resolve(shape.variants[word]?.of ?? EMPTY, definitions);
  if (struct.kind !== 'struct') throw new Error(`the variant ${word} of ${shape.called} is not a struct`);
  const title =
    struct.called === undefined ? `struct variant ${shape.called}::${pascal(word)}` : `struct ${struct.called}`;
  return readStruct(struct, content, definitions, title, shape.tag);
}

/** A tagged struct as a list: the tag, then the members by position. */
function readPositionalVariant(shape: TaggedShape, value: unknown[], definitions: Definitions): Json {
  if (value.length === 0) throw new Offence(missingField(shape.tag));
  const word = variantWord(shape.variants, value[0]);
  return { [shape.tag]: word, ...readVariant(shape, word, value.slice(1), definitions) };
}

/** The variant that a tag selects, by word or by number. */
function variantWord(variants: Readonly<Record<string, VariantShape>>, tag: unknown): string {
  const words = Object.keys(variants);
  if (typeof tag === 'string') {
    if (Object.hasOwn(variants, tag)) return tag;
    throw wrongVariant(tag, words);
  }
  if (typeof tag !== 'number' || !isInteger(tag) || tag < 0) throw wrongType(tag, 'variant identifier');
  const word = words[tag];
  if (word !== undefined) return word;
  throw new Offence(`invalid value: ${named(tag)}, expected variant index 0 <= i < ${words.length}`);
}

function readChoice(shape: ChoiceShape, value: unknown, definitions: Definitions): unknown {
  if (typeof value === 'string') {
    const variant = ownVariant(shape, value);
    if (variant === undefined) return shape.open ? value : fail(wrongVariant(value, Object.keys(shape.variants)));
    if (variant.of === null) return variant.insteadOf ?? value;
    throw new Offence(`invalid type: unit variant, expected ${contentTitle(variant.of, definitions)}`);
  }
  if (!isMap(value)) throw wrongType(value, 'string or map');
  const keys = Object.keys(value);
  const word = keys[0];
  if (keys.length !== 1 || word === undefined) throw new Offence('invalid value: map, expected map with a single key');
  const variant = ownVariant(shape, word);
  if (variant === undefined) return shape.open ? value : fail(wrongVariant(word, Object.keys(shape.variants)));
  if (variant.of === null) {
    if (value[word] !== null) throw wrongType(value[word], 'unit');
    return variant.insteadOf ?? word;
  }
  value[word] = readContent(variant.of, value[word], definitions);
  return value;
}

function readContent(shape: Shape, value: unknown, definitions: Definitions): unknown {
  if (shape.kind !== 'struct') return read(shape, value, definitions);
  if (!isMap(value) && !Array.isArray(value)) throw wrongType(value, 'struct variant');
  return readStruct(shape, value, definitions, 'struct variant');
}

function readUntagged(shape: Extract<Shape, { kind: 'untagged' }>, value: unknown, definitions: Definitions): unknown {
  for (const member of shape.of) {
    // Each attempt gets a copy, because an attempt that fails may already have filled in defaults.
    const attempt = explain(member, structuredClone(value), definitions);
    if (attempt.ok) return merged(value, attempt.value);
  }
  throw new Offence(`data did not match any variant of untagged enum ${shape.called ?? ''}`.trim());
}

/** Keeps the input object, because members of a flattened union are also members of the containing struct. */
function merged(value: unknown, result: unknown): unknown {
  return isMap(value) && isMap(result) ? Object.assign(value, result) : result;
}

// ---- words of the error texts ----

const wrongType = (value: unknown, expected: string): Offence => new Offence(invalidType(named(value), expected));
function wrongLength(length: number, title: string, members: number): Offence {
  return new Offence(`invalid length ${length}, expected ${title} with ${elements(members)}`);
}
const elements = (count: number): string => `${count} element${count === 1 ? '' : 's'}`;
const wrongVariant = (word: string, words: readonly string[]): Offence => new Offence(unknownVariant(word, words));
const wrongField = (key: string, shape: StructShape): Offence =>
  new Offence(unknownField(key, Object.keys(shape.fields)));
function fail(offence: Offence): never {
  throw offence;
}

function contentTitle(shape: Shape, definitions: Definitions): string {
  return shape.kind === 'struct' && resolve(shape, definitions).kind === 'struct'
    ? 'struct variant'
    : 'newtype variant';
}

// ---- small things ----

const EMPTY: StructShape = { kind: 'struct', fields: {} };
const wordsOnly = (words: readonly string[]): Record<string, VariantShape> =>
  Object.fromEntries(words.map((word) => [word, { of: null }]));
const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const ownField = (shape: StructShape, key: string): FieldShape | undefined =>
  Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
const ownVariant = (shape: ChoiceShape, word: string): VariantShape | undefined =>
  Object.hasOwn(shape.variants, word) ? shape.variants[word] : undefined;
const pascal = (word: string): string =>
  word.replace(/(^|[_\-/])([a-z])/g, (_match, _separator: string, letter: string) => letter.toUpperCase());

function definition(name: string, definitions: Definitions): Shape {
  const shape = definitions[name];
  if (shape === undefined) throw new Error(`the type ${name} is not among the definitions: the build is incomplete`);
  return shape;
}
function resolve(shape: Shape, definitions: Definitions): Shape {
  return shape.kind === 'ref' ? resolve(definition(shape.name, definitions), definitions) : shape;
}
