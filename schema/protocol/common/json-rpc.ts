/**
 * The envelope for generated JSON Schema. The server classifies received messages with server/rpc, not with these
 * types.
 */
import { RequestId } from './envelope.js';
import { anyOf, i64, json, omitted, optional, struct, text } from '../../shape/kit.js';

export const W3cTraceContext = struct('W3cTraceContext', { traceparent: optional(text), tracestate: optional(text) });

export const JSONRPCRequest = struct('JSONRPCRequest', {
  id: RequestId,
  method: text,
  params: omitted(json),
  trace: optional(W3cTraceContext),
});
export const JSONRPCNotification = struct('JSONRPCNotification', { method: text, params: omitted(json) });
export const JSONRPCResponse = struct('JSONRPCResponse', { id: RequestId, result: json });
export const JSONRPCErrorError = struct('JSONRPCErrorError', { code: i64, data: omitted(json), message: text });
export const JSONRPCError = struct('JSONRPCError', { error: JSONRPCErrorError, id: RequestId });
export const JSONRPCMessage = anyOf('JSONRPCMessage', [
  JSONRPCRequest,
  JSONRPCNotification,
  JSONRPCResponse,
  JSONRPCError,
]);
