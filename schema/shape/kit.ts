/** The vocabulary of the protocol's definition: small TypeBox helpers that create nodes (schema/shape/node.ts). */
import { Type, type TSchema } from 'typebox';
import type {
  Choice,
  Choices,
  Field,
  Fields,
  Flat,
  Members,
  Missing,
  Node,
  OldWord,
  Tagged,
  Variants,
} from './node.js';
import type {
  FieldShape,
  IntegerWidth,
  Presence,
  Shape,
  StringFormat,
  StructShape,
  VariantShape,
} from './wire-shape.js';

export type { Decoded, Field, Input, Node, Wire } from './node.js';

/** A variant of a choice without content. */
export const word = null;
/** A word of earlier versions: read as the other word, never written. */
export const insteadOf = (other: string): OldWord => ({ insteadOf: other });
// ---- leaves ----

export const text: Node<string> = leaf(Type.String(), { kind: 'string' });
/** A file path in the platform's spelling, absolute or relative. */
export const path: Node<string> = leaf(Type.String(), { kind: 'string', format: 'path' });
export const bool: Node<boolean> = leaf(Type.Boolean(), { kind: 'boolean' });
export const float: Node<number> = leaf(Type.Number({ format: 'double' }), { kind: 'float' });
/** Any JSON value. */
export const json: Node<unknown> = leaf(Type.Unknown(), { kind: 'json' });
/** Only null. */
export const unit: Node<null> = leaf(Type.Null(), { kind: 'unit' });
export const u8 = integer('u8', 'uint8');
export const u16 = integer('u16', 'uint16');
export const u32 = integer('u32', 'uint32');
export const u64 = integer('u64', 'uint64');
export const usize = integer('usize', 'uint');
export const nonZeroUsize = integer('a nonzero usize', 'uint', 1);
export const i32 = integer('i32', 'int32');
/** 64-bit integers arrive as JavaScript numbers, which lose the last digits above 2^53. */
export const i64 = integer('i64', 'int64');

function integer(width: IntegerWidth, format: string, minimum = 0): Node<number> {
  return leaf(Type.Integer(format.startsWith('u') ? { format, minimum } : { format }), { kind: 'integer', width });
}

// ---- names ----

/** A named spelling of another type (`ThreadId` for a string). */
export function alias<W, D, I>(name: string, node: Node<W, D, I>): Node<W, D, I> {
  return make({ ...schemaOf(node) }, node.shape, node.parts, name);
}

/** A named string. It may have to be an absolute path. */
export const namedText = (name: string, format?: StringFormat): Node<string> =>
  make(Type.String(), format === undefined ? { kind: 'string' } : { kind: 'string', format }, [], name);

/** A named string that must not be empty. `called` is its name in the error text. */
export const nonEmptyText = (name: string, called: string): Node<string> =>
  make(Type.String({ minLength: 1 }), { kind: 'string', format: 'nonEmpty', called }, [], name);

/** One of a fixed set of words. */
export function oneOf<const V extends readonly string[]>(name: string | null, values: V): Node<V[number]> {
  return make({ type: 'string', enum: values }, { kind: 'enum', values }, [], name);
}

// ---- containers ----

export function list<W, D, I>(of: Node<W, D, I>): Node<W[], D[], I[]> {
  return make(Type.Array(embedSchema(of)), { kind: 'list', of: embedShape(of) }, partsOf([of]));
}
/** A list that also accepts members in the form of earlier clients. */
export function listWithOlderForm<W, D, I>(
  of: Node<W, D, I>,
  older: Node,
  rewrite: 'dynamicTools',
): Node<W[], D[], I[]> {
  const now = list(of);
  const shape: Shape = { kind: 'list', of: embedShape(of), older: { rewrite, of: embedShape(older) } };
  return make(schemaOf(now), shape, partsOf([of, older]));
}
export function dict<W, D, I>(of: Node<W, D, I>): Node<Record<string, W>, Record<string, D>, Record<string, I>> {
  const schema = { type: 'object', additionalProperties: embedSchema(of) };
  return make(schema, { kind: 'dict', of: embedShape(of) }, partsOf([of]));
}
export function nullable<W, D, I>(of: Node<W, D, I>): Node<W | null, D | null, I | null> {
  return make(nullSchema(of), { kind: 'nullable', of: embedShape(of) }, partsOf([of]));
}

// ---- members of structs ----

type Nulls<W, D, I, M extends Missing> = Field<W | null, D | null, I | null, M>;
export const optional = <W, D, I>(node: Node<W, D, I>): Nulls<W, D, I, 'wire'> => field('optional', node);
export const nullish = <W, D, I>(node: Node<W, D, I>): Nulls<W, D, I, 'always'> => field('nullish', node);
export const omitted = <W, D, I>(node: Node<W, D, I>): Field<W, D | null, I | null, 'wire'> => field('omitted', node);
export const patch = <W, D, I>(node: Node<W, D, I>): Nulls<W, D, I, 'both'> => field('patch', node);
export const defaulted = <W, D, I>(node: Node<W, D, I>, value: I): Field<W, D, I, 'always'> =>
  field('defaulted', node, value);
export const omittable = <W, D, I>(node: Node<W, D, I>, value: I): Field<W, D, I, 'wire'> =>
  field('omittable', node, value);

/** Marks a member or a variant as gated (docs/protocol/transport.md §3). */
export function gated<W, D, I, M extends Missing>(field: Field<W, D, I, M>): Field<W, D, I, M>;
export function gated<W, D, I>(node: Node<W, D, I>): Field<W, D, I, 'required'>;
export function gated(member: Node | Field): Field {
  return { ...asField(member), gated: true };
}

/**
 * Marks a member that codexd adds (schema/protocol/approvals/extensions.ts): only experimental schemas show it, and it
 * needs no capability.
 */
export function addition<W, D, I, M extends Missing>(field: Field<W, D, I, M>): Field<W, D, I, M> {
  return { ...field, gated: true, addition: true };
}

function field<W, D, I, M extends Missing>(presence: Presence, node: Node, value?: unknown): Field<W, D, I, M> {
  return { presence, node, ...(value === undefined ? {} : { default: value }) } as Field<W, D, I, M>;
}
function asField(member: Node | Field): Field {
  return 'presence' in member ? member : field('required', member);
}

// ---- structs and unions ----

interface StructOptions<X> {
  /** The decoder's name for the struct in error texts, when it differs. */
  readonly called?: string;
  /** Unknown members are an error. */
  readonly strict?: true;
  /** A union (or a dict) with members among the struct's own members. */
  readonly flatten?: X;
}

/** An object with known members. Without a name it is part of the containing type. */
export function struct<const F extends Fields>(
  name: string | null,
  fields: F,
  options?: StructOptions<never>,
): Node<Flat<Members<F, '~unsafe'>>, Flat<Members<F, '~decoded'>>, Flat<Members<F, '~input'>>>;
export function struct<const F extends Fields, X extends Node>(
  name: string | null,
  fields: F,
  options: StructOptions<X>,
): Node<
  Flat<Members<F, '~unsafe'>> & X['~unsafe'],
  Flat<Members<F, '~decoded'>> & X['~decoded'],
  Flat<Members<F, '~input'>> & X['~input']
>;
export function struct(name: string | null, fields: Fields, options: StructOptions<Node> = {}): Node {
  const members = Object.entries(fields).map(([key, member]) => [key, asField(member)] as const);
  const shape: StructShape = {
    kind: 'struct',
    ...calledAs(options.called ?? name),
    fields: Object.fromEntries(members.map(([key, member]) => [key, fieldShape(member)])),
    ...(options.flatten === undefined ? {} : { flatten: [embedShape(options.flatten)] }),
    ...(options.strict === undefined ? {} : { strict: options.strict }),
  };
  const own = objectSchema(members, options.strict);
  const flat = options.flatten === undefined ? {} : schemaOf(options.flatten);
  const parts = partsOf([...members.map(([, member]) => member.node), ...(options.flatten ? [options.flatten] : [])]);
  return make({ ...flat, ...own }, shape, parts, name);
}

/**
 * A named struct with more members: codexd's additions to a type of the protocol
 * (schema/protocol/approvals/extensions.ts).
 */
export function extend<W, D, I, const F extends Fields>(
  base: Node<W, D, I>,
  fields: F,
): Node<Flat<W & Members<F, '~unsafe'>>, Flat<D & Members<F, '~decoded'>>, Flat<I & Members<F, '~input'>>> {
  const added = struct(null, fields);
  if (base.shape.kind !== 'struct' || added.shape.kind !== 'struct') throw new Error('only a struct can be extended');
  const shape: StructShape = { ...base.shape, fields: { ...base.shape.fields, ...added.shape.fields } };
  const [own, more] = [schemaOf(base), schemaOf(added)] as { properties?: object; required?: readonly string[] }[];
  const schema = {
    ...own,
    properties: { ...own?.properties, ...more?.properties },
    required: [...(own?.required ?? []), ...(more?.required ?? [])],
  };
  return make(schema, shape, [...base.parts, ...added.parts], base.$id);
}

/**
 * One of several structs, selected by the member `tag`. A variant is a struct, or its other members. `open`: unknown
 * words of later versions are accepted unchanged.
 */
export function tagged<const T extends string, const V extends Variants>(
  name: string | null,
  tag: T,
  variants: V,
  options: { called?: string; open?: true } = {},
): Node<Tagged<T, V, '~unsafe'>, Tagged<T, V, '~decoded'>, Tagged<T, V, '~input'>> {
  const nodes = Object.entries(variants).map(
    ([word, variant]) => [word, asField(isStruct(variant) ? variant : struct(null, variant))] as const,
  );
  const shape: Shape = {
    kind: 'tagged',
    tag,
    ...calledAs(options.called ?? name),
    variants: Object.fromEntries(nodes.map(([word, variant]) => [word, variantShape(variant)])),
    ...(options.open === undefined ? {} : { open: options.open }),
  };
  const schema = { oneOf: nodes.map(([word, variant]) => variantSchema(name, tag, word, variant)) };
  return make(schema, shape, partsOf(nodes.map(([, { node }]) => node)), name);
}

/** A bare word, or an object with one key: the key is the word and its value is the content. */
export function choice<const V extends Choices>(
  name: string | null,
  variants: V,
): Node<Choice<V, '~unsafe'>, Choice<V, '~decoded'>, Choice<V, '~input'>> {
  return choiceNode(name, variants, false);
}
/** A choice that later versions may extend: unknown words are accepted. */
export function openChoice<const V extends Choices>(
  name: string | null,
  variants: V,
): Node<Choice<V, '~unsafe'>, Choice<V, '~decoded'>, Choice<V, '~input'>> {
  return choiceNode(name, variants, true);
}

/** The first member that matches. */
export function anyOf<const N extends readonly Node[]>(
  name: string | null,
  members: N,
  options: { called?: string } = {},
): Node<N[number]['~unsafe'], N[number]['~decoded'], N[number]['~input']> {
  const shape: Shape = { kind: 'untagged', ...calledAs(options.called ?? name), of: members.map(embedShape) };
  return make({ anyOf: members.map(embedSchema) }, shape, partsOf(members), name);
}

// ---- how nodes are put together ----

function choiceNode<W, D, I>(name: string | null, variants: Choices, open: boolean): Node<W, D, I> {
  const entries = Object.entries(variants);
  const words = entries.flatMap(([word, variant]) => (variant === null ? [word] : []));
  const contents = entries.flatMap(([word, variant]) =>
    isContent(variant) ? [[word, asField(variant)] as const] : [],
  );
  const shape: Shape = {
    kind: 'choice',
    variants: Object.fromEntries(entries.map(([word, variant]) => [word, variantShape(variant)])),
    ...(open ? { open: true } : {}),
  };
  const bare = words.length > 0 ? [{ type: 'string', enum: words }] : [];
  const oneOf = [...bare, ...contents.map(([word, variant]) => choiceSchema(name, word, variant))];
  const closed = contents.length === 0 ? { type: 'string', enum: words } : { oneOf };
  const schema = open ? { anyOf: [...oneOf, { type: ['string', 'object'] }] } : closed;
  return make(schema, shape, partsOf(contents.map(([, variant]) => variant.node)), name);
}
const isContent = (variant: Choices[string]): variant is Node | Field => variant !== null && !('insteadOf' in variant);

function leaf<W>(schema: TSchema, shape: Shape): Node<W> {
  return make(schema, shape, []);
}

function make<W, D, I>(
  schema: object,
  shape: Shape,
  parts: readonly Node[],
  name: string | null = null,
): Node<W, D, I> {
  const named = name === null ? schema : { ...schema, $id: name };
  // Not enumerable: a node as JSON contains only JSON Schema.
  return Object.defineProperties(Type.Unsafe(named as TSchema), {
    shape: { value: shape },
    parts: { value: parts },
  }) as Node<W, D, I>;
}

const calledAs = (name: string | null): { called?: string } => (name === null ? {} : { called: name });

const isStruct = (value: Fields | Node | Field): value is Node | Field =>
  Array.isArray((value as Partial<Node>).parts) || typeof (value as Partial<Field>).presence === 'string';

/** Refers to a named node by its name, and writes any other node inline. */
function embedSchema(node: Node): TSchema {
  return node.$id === undefined ? schemaOf(node) : Type.Ref(node.$id);
}
function embedShape(node: Node): Shape {
  return node.$id === undefined ? node.shape : { kind: 'ref', name: node.$id };
}
function partsOf(nodes: readonly Node[]): readonly Node[] {
  return nodes.flatMap((node) => (node.$id === undefined ? node.parts : [node]));
}
function schemaOf(node: Node): TSchema {
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== '$id'));
}

function nullSchema(node: Node): TSchema {
  const schema = embedSchema(node) as { type?: unknown };
  if (typeof schema.type === 'string' && !('enum' in schema)) return { ...schema, type: [schema.type, 'null'] };
  return { anyOf: [schema, { type: 'null' }] };
}

function fieldShape(member: Field): FieldShape {
  return {
    presence: member.presence,
    of: embedShape(member.node),
    ...(member.default === undefined ? {} : { default: member.default }),
    ...(member.gated === undefined ? {} : { gated: member.gated }),
    ...(member.addition === undefined ? {} : { addition: member.addition }),
  };
}
function variantShape(variant: Node | Field | OldWord | null): VariantShape {
  if (variant === null) return { of: null };
  if ('insteadOf' in variant) return { of: null, insteadOf: variant.insteadOf };
  const { node, gated } = asField(variant);
  return { of: embedShape(node), ...(gated === undefined ? {} : { gated }) };
}

const NULLABLE: readonly Presence[] = ['optional', 'nullish', 'omitted', 'patch'];

function objectSchema(members: readonly (readonly [string, Field])[], strict: true | undefined): object {
  const required = members.filter(([, member]) => member.presence === 'required').map(([key]) => key);
  return {
    type: 'object',
    ...(members.length === 0
      ? {}
      : { properties: Object.fromEntries(members.map(([key, member]) => [key, fieldSchema(member)])) }),
    ...(required.length === 0 ? {} : { required }),
    ...(strict === undefined ? {} : { additionalProperties: false }),
  };
}

/**
 * The schema of a member. `x-experimental` marks a gated member for schema/generate, which never writes this keyword.
 */
function fieldSchema(member: Field): TSchema {
  const schema =
    NULLABLE.includes(member.presence) && member.node.shape.kind !== 'json'
      ? nullSchema(member.node)
      : embedSchema(member.node);
  const extra = {
    ...(member.default === undefined ? {} : { default: member.default }),
    ...(member.gated === undefined ? {} : { 'x-experimental': true }),
  };
  if (Object.keys(extra).length === 0) return schema;
  // draft-07 ignores everything beside a $ref.
  return '$ref' in schema ? { allOf: [schema], ...extra } : { ...schema, ...extra };
}

function variantSchema(name: string | null, tag: string, word: string, { node, gated }: Field): TSchema {
  const title = `${pascal(word)}${name ?? ''}`;
  const body = schemaOf(node) as { properties?: object; required?: readonly string[] };
  const discriminator = { type: 'string', enum: [word], title: `${title}${pascal(tag)}` };
  return {
    ...body,
    title,
    properties: { [tag]: discriminator, ...body.properties },
    required: [tag, ...(body.required ?? [])],
    ...(gated === undefined ? {} : { 'x-experimental': true }),
  };
}

function choiceSchema(name: string | null, word: string, variant: Field): TSchema {
  return {
    type: 'object',
    title: `${pascal(word)}${name ?? ''}`,
    properties: { [word]: embedSchema(variant.node) },
    required: [word],
    additionalProperties: false,
  };
}

const pascal = (word: string): string =>
  word.replace(/(^|[_\-/\s])([a-zA-Z])/g, (_match, _separator: string, letter: string) => letter.toUpperCase());
