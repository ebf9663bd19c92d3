import { rowOf, type Code, type ErrorKind } from './codes.js';

/** What an error may have beside its code and its text. */
export interface ErrorDetails {
  /** The error that it was made of. */
  readonly cause?: unknown;
  /** What a client is sent beside the message, where the protocol has such a thing. */
  readonly data?: unknown;
}

/** Every bundle of the package has this class once: what is thrown in one and caught in another has the same mark. */
const BRAND = Symbol.for('codexd.error');

/**
 * The one class of codexd's errors: a code decides, the message is for people. A subclass exists only where typed
 * members say more than a code can.
 */
// eslint-disable-next-line codexd/error-classes -- the one class
export class CodexdError extends Error {
  readonly [BRAND] = true;
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

/** Whether it is an error of codexd, made in this bundle or in another one. */
export const isCodexdError = (error: unknown): error is CodexdError => error instanceof Error && BRAND in error;

/** Whether it is an error of codexd with one of these codes. */
export const isCode = (error: unknown, ...codes: readonly Code[]): error is CodexdError =>
  isCodexdError(error) && codes.includes(error.code);
