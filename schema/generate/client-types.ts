/**
 * The types of the client's package: schema/registry.ts written out without TypeBox and without inference, for
 * compilers without our sources and options. test/schema/generate/client-types.test.ts compares both.
 */
import { catalogue } from './catalogue.js';
import { HEADER } from './files.js';
import type { FieldShape, Shape, StructShape } from '../shape/wire-shape.js';

/**
 * wire: a type as the server writes it. input: a type as a client may write it; members with a default and nullable
 * members are optional.
 */
type Form = 'wire' | 'input';

/** The text of the module that replaces schema/registry.ts. */
export function clientTypes(): string {
  const { types, requests, serverRequests, notifications } = catalogue(true);
  const shapes = new Map([...types].map(([name, node]) => [name, node.shape]));
  const differing = differingNames(shapes);
  const named = (name: string, form: Form): string => (form === 'input' && differing.has(name) ? `${name}Input` : name);
  const text = (shape: Shape, form: Form): string => typeText(shape, form, named);
  const ofNode = (node: { readonly $id?: string; readonly shape: Shape }, form: Form): string =>
    node.$id === undefined ? text(node.shape, form) : named(node.$id, form);

  const declarations = [...shapes].flatMap(([name, shape]) => [
    `export type ${name} = ${text(shape, 'wire')};`,
    ...(differing.has(name) ? [`export type ${name}Input = ${text(shape, 'input')};`] : []),
  ]);
  const asked = requests.map(([method, { params, result, optional }]) => {
    const sent =
      params === null ? 'null | undefined' : `${ofNode(params, 'input')}${optional ? ' | null | undefined' : ''}`;
    return `  ${quoted(method)}: { params: ${sent}; result: ${ofNode(result, 'wire')} };`;
  });
  const asking = serverRequests.map(([method, { params, result }]) => {
    const sent = params === null ? 'null' : ofNode(params, 'wire');
    return `  ${quoted(method)}: { params: ${sent}; answer: ${ofNode(result, 'input')} };`;
  });
  const told = notifications.map(([method, params]) => `  ${quoted(method)}: ${ofNode(params, 'wire')};`);
  return [
    HEADER,
    ...declarations,
    '/** What a client may ask. */',
    `export interface ClientRequests {\n${asked.join('\n')}\n}`,
    '/** What a client may be asked. */',
    `export interface ServerRequests {\n${asking.join('\n')}\n}`,
    '/** What a client is told. */',
    `export interface ServerNotifications {\n${told.join('\n')}\n}`,
    ACCESS,
  ].join('\n');
}

/** The names of these types in schema/registry.ts. */
const ACCESS = `export type ClientRequestMethod = keyof ClientRequests;
export type ServerRequestMethod = keyof ServerRequests;
export type ServerNotificationMethod = keyof ServerNotifications;
/** Params in the form that a client sends. */
export type ClientParams<M extends ClientRequestMethod> = ClientRequests[M]['params'];
export type RequestResult<M extends ClientRequestMethod> = ClientRequests[M]['result'];
export type NotificationParams<M extends ServerNotificationMethod> = ServerNotifications[M];
export type ServerRequestParams<M extends ServerRequestMethod> = ServerRequests[M]['params'];
/** A client's response in the form that the client writes. */
export type ServerRequestAnswer<M extends ServerRequestMethod> = ServerRequests[M]['answer'];
`;

// ---- which types have two forms ----

/** The types with a member, direct or nested, that differs between the wire form and the input form. */
function differingNames(shapes: ReadonlyMap<string, Shape>): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const [name, shape] of shapes) {
      const texts = (['wire', 'input'] as const).map((form) =>
        typeText(shape, form, (mentioned) =>
          form === 'input' && found.has(mentioned) ? `${mentioned}Input` : mentioned,
        ),
      );
      if (texts[0] !== texts[1]) found.add(name);
    }
  }
  return found;
}

// ---- types ----

type Named = (name: string, form: Form) => string;

function typeText(shape: Shape, form: Form, named: Named): string {
  const inner = (of: Shape): string => typeText(of, form, named);
  switch (shape.kind) {
    case 'json':
      return 'unknown';
    case 'unit':
      return 'null';
    case 'boolean':
    case 'string':
      return shape.kind;
    case 'float':
    case 'integer':
      return 'number';
    case 'enum':
      return shape.values.map(quoted).join(' | ');
    case 'nullable':
      return orNull(inner(shape.of));
    case 'list':
      return `Array<${inner(shape.of)}>`;
    case 'dict':
      return `Record<string, ${inner(shape.of)}>`;
    case 'ref':
      return named(shape.name, form);
    case 'struct':
      return structText(shape, form, named);
    case 'tagged':
      return Object.entries(shape.variants)
        .map(([word, { of }]) => variantText(`${property(shape.tag)}: ${quoted(word)}`, of, form, named))
        .join(' | ');
    case 'choice':
      return Object.entries(shape.variants)
        .filter(([, { insteadOf }]) => insteadOf === undefined)
        .map(([word, { of }]) => (of === null ? quoted(word) : `{ ${quoted(word)}: ${inner(of)} }`))
        .join(' | ');
    case 'untagged':
      return shape.of.map(inner).join(' | ');
  }
}

/** `extra` is a member that comes first (the tag of a union). */
function structText(shape: StructShape, form: Form, named: Named, extra: readonly string[] = []): string {
  const fields = Object.entries(shape.fields).map(([key, field]) => `${property(key)}${fieldText(field, form, named)}`);
  const members = [...extra, ...fields];
  const own = members.length === 0 ? '{}' : `{ ${members.join('; ')} }`;
  const others = (shape.flatten ?? []).map((flat) => `(${typeText(flat, form, named)})`);
  return [own, ...others].join(' & ');
}

/** The text after a member's name: the optional mark (schema/shape/node.ts, Missing) and the type. */
function fieldText({ presence, of }: FieldShape, form: Form, named: Named): string {
  const type = typeText(of, form, named);
  const maybe = form === 'input' ? '?:' : ':';
  switch (presence) {
    case 'required':
      return `: ${type}`;
    case 'defaulted':
      return `${maybe} ${type}`;
    case 'nullish':
      return `${maybe} ${orNull(type)}`;
    case 'optional':
    case 'patch':
      return `?: ${orNull(type)}`;
    case 'omitted':
      return `?: ${form === 'input' ? orNull(type) : type}`;
    case 'omittable':
      return `?: ${type}`;
  }
}

function variantText(tag: string, of: Shape | null, form: Form, named: Named): string {
  if (of === null) return `{ ${tag} }`;
  if (of.kind === 'struct') return structText(of, form, named, [tag]);
  return `({ ${tag} } & ${typeText(of, form, named)})`;
}

const orNull = (type: string): string => `${type} | null`;
const quoted = (word: string): string => `'${word}'`;
const property = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key));
