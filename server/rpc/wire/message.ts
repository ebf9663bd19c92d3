/** One JSON-RPC message of this protocol (docs/protocol/transport.md §1). */

/**
 * A request id as written on the wire: a string or a signed 64-bit integer. Integers beyond 2^53 are bigints, so that
 * the answer repeats 9223372036854775807 exactly.
 */
export type WireId = string | number | bigint;

/** The classification of one JSON text from a client. */
export type Incoming =
  | { readonly kind: 'request'; readonly id: WireId; readonly method: string; readonly params: unknown }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly kind: 'response'; readonly id: WireId; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: WireId; readonly error: ErrorObject }
  /** A request that the parser refuses: the answer is -32600 with the reason. */
  | { readonly kind: 'refused'; readonly id: WireId; readonly reason: string }
  /** Dropped without an answer. `reason` goes to the log. */
  | { readonly kind: 'junk'; readonly reason: string };

export interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}
