/**
 * What a client sent → what a handler may rely on, or the text that says what is wrong with it
 * (docs/protocol/transport.md §1).
 *
 * Threat: params are whatever a client sends. Rule: a handler sees only what its method's type allows, defaults filled
 * in. Scope: shapes. Not here: ids, paths and values that only the method itself can judge; nesting and size (rpc).
 *
 * Validators were compiled by the build, one file a family, and are loaded when the family is first used; the shapes
 * for explaining a refusal are loaded with the first refusal. `initialize` alone needs no file.
 */
import { readPart, requirePart } from '../../package/package-parts.js';
import { explain, named, unknownVariantText } from '../../../schema/shape/explain.js';
import { clientMethods, extensionMethods, inlineShapes, serverRequestFamilies } from '../../../schema/method-table.js';
import type { Gate, MethodEntry } from '../../../schema/method-table.js';
import type { Definitions, Shape } from '../../../schema/shape/shape.js';

export type DecodeResult =
  { readonly ok: true; readonly params: unknown } | { readonly ok: false; readonly message: string };

/**
 * Reads a request's method and params. The message is what follows `Invalid request: ` (the prefix is the caller's).
 * Objects are changed in place: defaults are filled in. Params that a method does not have come out as null.
 */
export function decodeRequest(method: string, params: unknown): DecodeResult {
  const entry = methodEntry(method);
  if (entry === undefined) return refuse(unknownVariantText(method, Object.keys(clientMethods)));
  const absent = params === undefined || params === null;
  if (entry.params === 'none')
    return absent || isEmptyMap(params) ? { ok: true, params: null } : refuse(wrongUnit(params));
  if (absent) return entry.params === 'optional' ? { ok: true, params: null } : refuse('missing field `params`');
  return decodeWith(entry.family, method, params);
}

/** Reads a client's answer to a request of the server. */
export function decodeServerRequestResult(method: string, result: unknown): DecodeResult {
  const family = Object.hasOwn(serverRequestFamilies, method) ? serverRequestFamilies[method] : undefined;
  if (family === undefined) throw new Error(`${method} is not a request of the server`);
  return decodeWith(family, method, result === undefined ? null : result);
}

/**
 * What of a request only a connection with `experimentalApi` may use (docs/protocol/transport.md §3): the method, or
 * the first gated member that is set, as the error names it; null when nothing is. `params` as `decodeRequest` gave
 * them.
 */
export function experimentalDescriptor(method: string, params: unknown): string | null {
  const entry = methodEntry(method);
  if (entry?.gated) return method;
  const gate = entry?.gates?.find((candidate) => isSet(candidate, params));
  if (gate === undefined) return null;
  if (typeof gate === 'string') return `${method}.${gate}`;
  return 'descriptor' in gate ? gate.descriptor : `${method}.${gate.member}`;
}

/** The family of a request's method, for counting; null: not a method. */
export const methodFamily = (method: string): string | null => methodEntry(method)?.family ?? null;

function methodEntry(method: string): MethodEntry | undefined {
  if (Object.hasOwn(clientMethods, method)) return clientMethods[method];
  return Object.hasOwn(extensionMethods, method) ? extensionMethods[method] : undefined;
}

const refuse = (message: string): DecodeResult => ({ ok: false, message });
const wrongUnit = (params: unknown): string => `invalid type: ${named(params)}, expected unit`;
const isEmptyMap = (value: unknown): boolean =>
  typeof value === 'object' && !Array.isArray(value) && value !== null && Object.keys(value).length === 0;

/** False and null are "not set" (unless null has a meaning); anything else is, empty lists and objects included. */
function isSet(gate: Gate, params: unknown): boolean {
  const at = (names: string): unknown =>
    names
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], params);
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
  if (validate === undefined) throw new Error(`no validator for ${method} in ${family}: the build is incomplete`);
  if (validate(value)) return { ok: true, params: value };
  return explained(shapes(family), method, value);
}

function explained({ definitions, methods }: Shapes, method: string, value: unknown): DecodeResult {
  const shape = methods[method];
  if (shape === undefined) throw new Error(`no shape for ${method}: the build is incomplete`);
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
