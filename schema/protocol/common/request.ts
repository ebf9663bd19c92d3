import type { Node } from '../../shape/kit.js';

/** One request of the protocol. */
export interface RequestEntry<P extends Node | null, R extends Node, O extends boolean> {
  /** The family file of its types. The compiled validator has this name. */
  readonly family: string;
  /** Null: the method has no params (absent and null are both accepted). */
  readonly params: P;
  readonly result: R;
  /** Needs `capabilities.experimentalApi` (docs/protocol/transport.md §3). */
  readonly gated: boolean;
  readonly optional: O;
}

interface Options<O extends boolean> {
  /** The params as a whole may be absent or null. */
  readonly optional?: O;
}

export function request<P extends Node | null, R extends Node, const O extends boolean = false>(
  family: string,
  params: P,
  result: R,
  options: Options<O> = {},
): RequestEntry<P, R, O> {
  return { family, params, result, gated: false, optional: (options.optional ?? false) as O };
}

/** A request of the experimental API. */
export function gatedRequest<P extends Node | null, R extends Node, const O extends boolean = false>(
  family: string,
  params: P,
  result: R,
  options: Options<O> = {},
): RequestEntry<P, R, O> {
  return { ...request(family, params, result, options), gated: true };
}
