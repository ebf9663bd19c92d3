/**
 * `codexd app-server generate-json-schema`: the protocol as JSON Schema (draft-07), files and bundles
 * (docs/protocol/transport.md §12).
 */
import { Type } from 'typebox';
import type { TSchema } from 'typebox';
import { catalogue, reachable } from './catalogue.js';
import type { Catalogue, GenerateOptions } from './catalogue.js';
import { RequestId } from '../protocol/common/envelope.js';
import { writeFiles } from './files.js';
import { extraJsonFiles, jsonInline, jsonNames, jsonRoot, typescriptOnly } from './layout.js';
import * as jsonRpc from '../protocol/common/json-rpc.js';
import type { Node } from '../shape/kit.js';

/** Writes the files below `out`. When a folder or a file fails, throws an Error with the text for the user. */
export function generateJsonSchema(options: GenerateOptions): void {
  writeFiles(options.out, jsonSchemaFiles(options.experimental));
}

/** The files by path. */
export function jsonSchemaFiles(experimental: boolean): Map<string, string> {
  const types = withoutTypescriptOnly(catalogue(experimental));
  const documents = [...envelopes(types), ...ownFiles(types)];
  const files = new Map(documents.map((document) => [fileOf(document.name), text(fileContent(document, types))]));
  files.set('codex_app_server_protocol.schemas.json', text(bundle(documents, types)));
  files.set('codex_app_server_protocol.v2.schemas.json', text(bundleV2(documents, types)));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

type Json = { [key: string]: unknown };

/** A schema with its own file. Its references are bare names. */
interface Document {
  readonly name: string;
  readonly schema: Json;
  readonly mentions: readonly Node[];
}

/** Writes a name as a `$ref`. */
type Pointer = (name: string) => string;

// ---- what gets a file ----

function ownFiles(types: Catalogue): Document[] {
  const nodes = [
    RequestId,
    ...Object.values(jsonRpc).filter((node) => node.$id !== 'W3cTraceContext'),
    ...[...types.requests, ...types.serverRequests].flatMap(([, { params, result }]) =>
      params === null ? [result] : [params, result],
    ),
    ...types.notifications.map(([, params]) => params),
    ...extraJsonFiles.flatMap((name) => types.types.get(name) ?? []),
  ];
  const optional = new Set(
    types.requests.flatMap(([, { params, optional }]) => (optional && params?.$id ? [params.$id] : [])),
  );
  return nodes.flatMap((node) => {
    const name = node.$id ?? '';
    if (!optional.has(name)) return [{ name, schema: plain(node), mentions: [node] }];
    // These params may be absent as a whole.
    const schema = { anyOf: [Type.Ref(name), { type: 'null' }], title: `Nullable_${name}` };
    return [{ name: `Nullable${name}`, schema, mentions: [node] }];
  });
}

/** The unions of all requests and notifications. */
function envelopes(types: Catalogue): Document[] {
  const request = (name: string, entries: Catalogue['requests']): Document => ({
    name,
    schema: { oneOf: entries.map(([method, entry]) => requestSchema(method, entry)) },
    mentions: [RequestId, ...entries.flatMap(([, { params }]) => params ?? [])],
  });
  const notifications = types.notifications.filter(([method]) => !typescriptOnly.has(method));
  return [
    request('ClientRequest', types.requests),
    request('ServerRequest', types.serverRequests),
    {
      name: 'ClientNotification',
      schema: { oneOf: [messageSchema('initialized', 'Notification', {}, [])] },
      mentions: [],
    },
    {
      name: 'ServerNotification',
      schema: {
        properties: { emittedAtMs: { format: 'int64', type: 'integer' } },
        oneOf: notifications.map(([method, { $id = '' }]) =>
          messageSchema(method, 'Notification', { params: Type.Ref($id) }, ['params']),
        ),
      },
      mentions: notifications.map(([, params]) => params),
    },
  ];
}

function requestSchema(method: string, { params, optional }: Catalogue['requests'][number][1]): Json {
  const id = { id: Type.Ref('RequestId') };
  if (params?.$id === undefined) return messageSchema(method, 'Request', { ...id, params: { type: 'null' } }, ['id']);
  const reference = Type.Ref(params.$id);
  if (!optional) return messageSchema(method, 'Request', { ...id, params: reference }, ['id', 'params']);
  return messageSchema(method, 'Request', { ...id, params: { anyOf: [reference, { type: 'null' }] } }, ['id']);
}

function messageSchema(method: string, kind: string, properties: Json, required: readonly string[]): Json {
  const camel = method.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  const title = `${camel.charAt(0).toUpperCase()}${camel.slice(1)}${kind}`.replace(
    /ErrorNotification$/,
    'ErrorNotification',
  );
  return {
    type: 'object',
    title,
    properties: { method: { type: 'string', enum: [method], title: `${title}Method` }, ...properties },
    required: ['method', ...required],
  };
}

function withoutTypescriptOnly(types: Catalogue): Catalogue {
  const requests = types.requests.filter(([method]) => !typescriptOnly.has(method));
  return { ...types, requests };
}

// ---- files and bundles ----

function fileContent(document: Document, types: Catalogue): Json {
  const pointer: Pointer = (name) => `#/definitions/${name}`;
  const named = definitionsFor(document, types);
  named.delete(document.name);
  const definitions = [...named].map(([name, node]) => [jsonName(name), clean(plain(node), types, pointer)] as const);
  return {
    $schema: DRAFT,
    title: document.name,
    ...clean(document.schema, types, pointer),
    ...(definitions.length === 0 ? {} : { definitions: Object.fromEntries(definitions) }),
  };
}

/** All types. The types of v2 are below `definitions.v2`. */
function bundle(documents: readonly Document[], types: Catalogue): Json {
  const pointer: Pointer = (name) => (inRoot(name) ? `#/definitions/${name}` : `#/definitions/v2/${name}`);
  const all = definitionsOf(documents, types, pointer);
  const root = Object.fromEntries([...all].filter(([name]) => inRoot(name)));
  const v2 = Object.fromEntries([...all].filter(([name]) => !inRoot(name)));
  return { $schema: DRAFT, title: 'CodexAppServerProtocol', type: 'object', definitions: { ...root, v2 } };
}

/** The types of v2, and the other types that requests and notifications need, in one list. */
function bundleV2(documents: readonly Document[], types: Catalogue): Json {
  const pointer: Pointer = (name) => `#/definitions/${name}`;
  const unions = documents.filter(({ name }) => name === 'ClientRequest' || name === 'ServerNotification');
  const needed = new Set(unions.flatMap((document) => [document.name, ...definitionsFor(document, types).keys()]));
  const all = [...definitionsOf(documents, types, pointer)].filter(([name]) => !inRoot(name) || needed.has(name));
  return { $schema: DRAFT, title: 'CodexAppServerProtocolV2', type: 'object', definitions: Object.fromEntries(all) };
}

const DRAFT = 'http://json-schema.org/draft-07/schema#';

function definitionsOf(documents: readonly Document[], types: Catalogue, pointer: Pointer): Map<string, Json> {
  const all = new Map<string, Json>();
  for (const document of documents) {
    for (const [name, node] of definitionsFor(document, types))
      all.set(jsonName(name), clean(plain(node), types, pointer));
    const content = clean(document.schema, types, pointer);
    all.set(document.name, { $schema: DRAFT, title: document.name, ...content });
  }
  return all;
}

/** The named types that a document needs, and the document's own type if it has a name. */
function definitionsFor(document: Document, types: Catalogue): Map<string, Node> {
  const found = reachable(document.mentions, types.experimental);
  return new Map([...found].filter(([name]) => !jsonInline.has(name)));
}

const jsonName = (name: string): string => jsonNames[name] ?? name;
const ENVELOPES = ['ClientRequest', 'ServerRequest', 'ClientNotification', 'ServerNotification', 'W3cTraceContext'];
const inRoot = (name: string): boolean => jsonRoot.has(name) || ENVELOPES.includes(name) || name.startsWith('JSONRPC');

function fileOf(name: string): string {
  if (name === 'InitializeParams' || name === 'InitializeResponse') return `v1/${name}.json`;
  return inRoot(name) ? `${name}.json` : `v2/${name}.json`;
}

// ---- one schema ----

/** Removes codexd's keywords and gated members, and writes references for this file. */
function clean(schema: Json, types: Catalogue, pointer: Pointer): Json {
  const reference = schema.$ref;
  if (typeof reference === 'string') {
    if (!jsonInline.has(reference)) return { $ref: pointer(jsonName(reference)) };
    return clean(plain(types.types.get(reference)), types, pointer);
  }
  const entries = Object.entries(schema).filter(([key]) => key !== '$id' && key !== 'x-experimental');
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === 'properties') return [key, properties(value as Json, types, pointer)];
      return [key, key === 'default' ? value : part(value, types, pointer)];
    }),
  );
}

function properties(members: Json, types: Catalogue, pointer: Pointer): Json {
  const kept = Object.entries(members).filter(([, schema]) => types.experimental || !isGated(schema));
  return Object.fromEntries(kept.map(([key, schema]) => [key, part(schema, types, pointer)]));
}

function part(value: unknown, types: Catalogue, pointer: Pointer): unknown {
  if (Array.isArray(value)) {
    const kept = value.filter((member) => types.experimental || !isGated(member));
    return kept.map((member) => part(member, types, pointer));
  }
  if (typeof value !== 'object' || value === null) return value;
  const schema = clean(value as Json, types, pointer);
  return isAnything(value) ? true : schema;
}

/** A node as plain JSON. */
const plain = (node: Node | undefined): Json => ({ ...node });
const isGated = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && (schema as Json)['x-experimental'] === true;
/** draft-07 spells "any value" as true. */
const isAnything = (schema: TSchema): boolean => Object.keys(schema).every((key) => key === 'x-experimental');

/** JSON with sorted keys, so that files of different versions compare well. */
const text = (schema: Json): string => `${JSON.stringify(sorted(schema), null, 2)}\n`;

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
