/**
 * The one way in which methods of the protocol are implemented: a file holds the handlers of one family and exports
 * what `defineMethods` makes of them. The families are listed in server/app/method-families.ts.
 */
import type { ClientRequestMethod } from '../../../schema/registry.js';
import type { Handler } from './caller.js';

declare const NAMES: unique symbol;

/**
 * Handlers by method. The names are part of the type and count exactly: handlers of more methods, or of fewer, are of
 * another type. The second member exists for the compiler alone.
 */
export type Methods<M extends ClientRequestMethod> = {
  readonly [K in M]: Handler<K>;
} & { readonly [NAMES]?: (names: M) => M };

/** The names of the methods that such handlers are for. */
export type NamesOf<T> = T extends Methods<infer M> ? M : never;

/**
 * A family of methods. `make` is called once a daemon, when the first of them is requested, and answers a handler for
 * each. Params and result of each handler have the types that the schema gives to the method; a name that the schema
 * does not have does not compile.
 */
export function defineMethods<Deps, M extends ClientRequestMethod>(
  make: (deps: Deps) => { readonly [K in M]: Handler<K> },
): (deps: Deps) => Methods<M> {
  return make;
}
