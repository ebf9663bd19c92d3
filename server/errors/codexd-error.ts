import { rowOf, type Code, type ErrorKind } from './codes.js';

/** What an error may have beside its code and its text. */
export interface ErrorDetails {
  /** The error that it was made of. */
  readonly cause?: unknown;
  /** What a client is sent beside the message, where the protocol has such a thing. */
  readonly data?: unknown;
}

/**
 * The one class of codexd's errors: a code decides, the message is for people. A subclass exists only where typed
 * members say more than a code can.
 */
export class CodexdError extends Error {
  readonly code: Code;
  /** The JSON-RPC error that it is answered as; null: never by itself. */
  readonly rpcCode: number | null;
  readonly data?: unknown;
  /** `rpcCode`: another one than the table's. */
  constructor(code: Code, message: string, details: ErrorDetails & { readonly rpcCode?: number } = {}) {
    const { cause, data, rpcCode = rowOf(code).rpcCode } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CodexdError';
    this.code = code;
    this.rpcCode = rpcCode;
    if (data !== undefined) this.data = data;
  }

  /** Whose matter it is. */
  get kind(): ErrorKind {
    return rowOf(this.code).kind;
  }
}

/** Whether it is an error of codexd with one of these codes. */
export const isCode = (error: unknown, ...codes: readonly Code[]): error is CodexdError =>
  error instanceof CodexdError && codes.includes(error.code);
