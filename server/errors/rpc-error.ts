/**
 * JSON-RPC error codes that the protocol uses (docs/protocol/transport.md §1, docs/protocol/exec.md §0). Everything
 * malformed is INVALID_REQUEST: the protocol has no -32700 and no -32602 for shapes.
 */
export const ErrorCode = {
  invalidRequest: -32600,
  /** A method of the protocol that codexd does not implement (yet). */
  notSupported: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** The ingress queue is full (docs/protocol/transport.md §13). */
  overloaded: -32001,
} as const;

/** What a handler throws to answer with a JSON-RPC error. Any other exception is answered as -32603 and logged. */
export class RpcError extends Error {
  readonly code: number;
  readonly data?: unknown;
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
    this.data = data;
  }
}

/** A client's answer to a request of ours that has another shape than the protocol's. */
export class UnusableAnswer extends RpcError {
  constructor(method: string, problem: string) {
    super(ErrorCode.invalidRequest, `The answer to ${method} cannot be used: ${problem}`);
  }
}

export const invalidRequest = (message: string, data?: unknown): RpcError =>
  new RpcError(ErrorCode.invalidRequest, message, data);
export const invalidParams = (message: string): RpcError => new RpcError(ErrorCode.invalidParams, message);
export const notSupported = (message: string): RpcError => new RpcError(ErrorCode.notSupported, message);
export const internalError = (message: string): RpcError => new RpcError(ErrorCode.internal, message);
