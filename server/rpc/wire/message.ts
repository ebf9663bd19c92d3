/** One JSON-RPC message as this protocol knows it (docs/protocol/transport.md §1). */

/**
 * A request id as it stands on the wire: a string or a signed 64-bit integer. Integers beyond 2^53 are bigints, so that
 * 9223372036854775807 is echoed exactly.
 */
export type WireId = string | number | bigint;

/** What one JSON text from a client turned out to be. */
export type Incoming =
  | { readonly kind: 'request'; readonly id: WireId; readonly method: string; readonly params: unknown }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly kind: 'response'; readonly id: WireId; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: WireId; readonly error: ErrorObject }
  /** A request that is not parsed: answered with -32600 and the reason. */
  | { readonly kind: 'refused'; readonly id: WireId; readonly reason: string }
  /** Dropped without an answer; `reason` is for the log. */
  | { readonly kind: 'junk'; readonly reason: string };

export interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}
