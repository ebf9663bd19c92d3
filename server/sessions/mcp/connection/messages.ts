/** The messages of MCP servers: JSON-RPC 2.0, checked for the members that tell them apart. */
import { isObject } from '../../../system/node/objects.js';
import type { JsonObject } from '../shape/connection.js';

export type RequestId = string | number;

export interface ErrorOnWire {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What a server tells of a request that is open. */
export interface Progress {
  readonly progress: number;
  readonly total: number | null;
  readonly message: string | null;
}

export type ServerMessage =
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly id: RequestId | null; readonly error: ErrorOnWire }
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject };

/** Null: it is no message of the protocol. */
export function readMessage(message: JsonObject): ServerMessage | null {
  const { jsonrpc, id, method, params = {}, result, error, ...more } = message;
  if (jsonrpc !== '2.0' || Object.keys(more).length > 0) return null;
  if (id !== undefined && !isRequestId(id)) return null;
  if (typeof method === 'string') {
    if (result !== undefined || error !== undefined || !isObject(params)) return null;
    return id === undefined ? { kind: 'notification', method, params } : { kind: 'request', id, method, params };
  }
  if (method !== undefined || 'params' in message) return null;
  if (isObject(result)) return id === undefined || error !== undefined ? null : { kind: 'result', id, result };
  return result === undefined && isError(error) ? { kind: 'error', id: id ?? null, error } : null;
}

const isRequestId = (value: unknown): value is RequestId => typeof value === 'string' || Number.isSafeInteger(value);

const isError = (value: unknown): value is ErrorOnWire & JsonObject =>
  isObject(value) && Number.isSafeInteger(value.code) && typeof value.message === 'string';
