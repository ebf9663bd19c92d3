import { rowOf, RpcCode, type Code } from './codes.js';
import { CodexdError, type ErrorDetails } from './codexd-error.js';

/**
 * What is answered as it stands: the message is the answer's, `rpcCode` its JSON-RPC code, and `data` its data.
 * Handlers throw it; what clients answer to requests of the server comes as one, too.
 */
export class RpcError extends CodexdError {
  declare readonly rpcCode: number;
  /** `rpcCode`: another one than the table's, of a client that answered with an error. */
  constructor(code: Code, message: string, details: ErrorDetails & { readonly rpcCode?: number } = {}) {
    super(code, message, { ...details, rpcCode: details.rpcCode ?? rowOf(code).rpcCode ?? RpcCode.internal });
    this.name = 'RpcError';
  }
}

/** A client's invalid answer to a request of the server. */
export const unusableAnswer = (method: string, problem: string): RpcError =>
  new RpcError('answer.unusable', `The answer to ${method} cannot be used: ${problem}`);

export const invalidRequest = (message: string, data?: unknown): RpcError =>
  new RpcError('request.invalid', message, { data });
export const invalidParams = (message: string, data?: unknown): RpcError =>
  new RpcError('request.invalid-params', message, { data });
export const notSupported = (message: string): RpcError => new RpcError('request.not-supported', message);
export const internalError = (message: string): RpcError => new RpcError('request.failed', message);
