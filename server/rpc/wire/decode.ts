/**
 * Checks the params of a client's message: returns the decoded params, or the text that names the mistake
 * (docs/protocol/transport.md §1).
 *
 * Threat: params are untrusted data from a client.
 * Rule: a handler receives only params that match its method's type, with defaults filled in.
 * Scope: shapes.
 * Non-scope: ids, paths and values that only the method can judge; nesting and size (rpc).
 *
 * The build compiles the validators, one file for each family. A family's validators load on first use. The shapes that
 * explain a refusal load with the first refusal. `initialize` needs no file.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { fault } from '../../errors/fault.js';
import { readPart, requirePart } from '../../package/package-parts.js';
import { explain } from '../../../schema/shape/explain.js';
import { invalidType, missingField, named, unknownVariant } from '../../../schema/shape/sentences.js';
import { clientMethods, extensionMethods, inlineShapes, serverRequestFamilies } from '../../../schema/method-table.js';
import type { Gate, MethodEntry } from '../../../schema/method-table.js';
import type { Definitions, Shape } from '../../../schema/shape/wire-shape.js';
import { isObject } from '../../system/node/objects.js';

export type DecodeResult =
  { readonly ok: true; readonly params: unknown } | { readonly ok: false; readonly message: string };

/**
 * Decodes a request's method and params. On refusal, the message is the text after `Invalid request: `; the caller adds
 * that prefix. Changes objects in place to fill in defaults. Returns null as the params of a method without params.
 */
export function decodeRequest(method: string, params: unknown): DecodeResult {
  const entry = methodEntry(method);
  if (entry === undefined) return refuse(unknownVariant(method, Object.keys(clientMethods)));
  const absent = params === undefined || params === null;
  if (entry.params === 'none')
    return absent || isEmptyMap(params) ? { ok: true, params: null } : refuse(wrongUnit(params));
  if (absent) return entry.params === 'optional' ? { ok: true, params: null } : refuse(missingField('params'));
  return decodeWith(entry.family, method, params);
}

/** Decodes a client's answer to a server request. */
export function decodeServerRequestResult(method: string, result: unknown): DecodeResult {
  const family = Object.hasOwn(serverRequestFamilies, method) ? serverRequestFamilies[method] : undefined;
  if (family === undefined) throw fault(`${method} is not a request of the server`);
  return decodeWith(family, method, result === undefined ? null : result);
}

/**
 * Returns the part of a request that needs `experimentalApi` (docs/protocol/transport.md §3): the method, or the first
 * gated member that is set, in the wording of the error. Returns null when no part needs it. `params` is the output of
 * `decodeRequest`.
 */
export function experimentalDescriptor(method: string, params: unknown): string | null {
  const entry = methodEntry(method);
  if (entry?.gated) return method;
  const gate = entry?.gates?.find((candidate) => isSet(candidate, params));
  if (gate === undefined) return null;
  if (typeof gate === 'string') return `${method}.${gate}`;
  return 'descriptor' in gate ? gate.descriptor : `${method}.${gate.member}`;
}

/** Returns the family of a request's method, for metrics; null for an unknown method. */
export const methodFamily = (method: string): string | null => methodEntry(method)?.family ?? null;

function methodEntry(method: string): MethodEntry | undefined {
  if (Object.hasOwn(clientMethods, method)) return clientMethods[method];
  return Object.hasOwn(extensionMethods, method) ? extensionMethods[method] : undefined;
}

const refuse = (message: string): DecodeResult => ({ ok: false, message });
const wrongUnit = (params: unknown): string => invalidType(named(params), 'unit');
const isEmptyMap = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

/**
 * False and null count as "not set", unless null has a meaning. All other values count as set, also empty lists and
 * objects.
 */
function isSet(gate: Gate, params: unknown): boolean {
  const at = (names: string): unknown =>
    names.split('.').reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), params);
  if (typeof gate === 'string') {
    const value = at(gate);
    return value !== undefined && value !== null && value !== false;
  }
  const value = at(gate.member);
  if ('evenNull' in gate) return value !== undefined;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, gate.word);
}

// ---- compiled validators ----

type Validator = (value: unknown) => boolean;
interface Shapes {
  readonly definitions: Definitions;
  readonly methods: Readonly<Record<string, Shape>>;
}

function decodeWith(family: string, method: string, value: unknown): DecodeResult {
  if (family === inlineShapes.family) return explained(inlineShapes, method, value);
  const validate = validators(family)[method];
  if (validate === undefined)
    throw new CodexdError('machine.package', `no validator for ${method} in ${family}: the build is incomplete`);
  if (validate(value)) return { ok: true, params: value };
  return explained(shapes(family), method, value);
}

function explained({ definitions, methods }: Shapes, method: string, value: unknown): DecodeResult {
  const shape = methods[method];
  if (shape === undefined) throw new CodexdError('machine.package', `no shape for ${method}: the build is incomplete`);
  const read = explain(shape, value, definitions);
  return read.ok ? { ok: true, params: read.value } : refuse(read.message);
}

const loadedValidators = new Map<string, Readonly<Record<string, Validator>>>();
const loadedShapes = new Map<string, Shapes>();

function validators(family: string): Readonly<Record<string, Validator>> {
  let loaded = loadedValidators.get(family);
  if (loaded === undefined) {
    loaded = requirePart(`validators/${family}.cjs`) as Readonly<Record<string, Validator>>;
    loadedValidators.set(family, loaded);
  }
  return loaded;
}

function shapes(family: string): Shapes {
  let loaded = loadedShapes.get(family);
  if (loaded === undefined) {
    loaded = JSON.parse(readPart(`validators/${family}.json`)) as Shapes;
    loadedShapes.set(family, loaded);
  }
  return loaded;
}
