import type { ClientRequestMethod } from '../../schema/registry.js';
import type { Methods } from '../rpc/connection/define-methods.js';
import type { DaemonParts } from './daemon-parts.js';

/** Method names by family. */
export type Families = Readonly<Record<string, readonly ClientRequestMethod[]>>;

type MethodsOf<F extends Families> = { readonly [K in keyof F]: Methods<F[K][number]> };

/** Methods whose code is loaded together. */
export interface MethodPart<F extends Families> {
  readonly families: F;
  /** Called once a daemon. */
  readonly load: (daemon: DaemonParts) => Promise<MethodsOf<F>>;
}

/** Nothing when `Made` has the families of `F` alone; otherwise what no value is. */
type NoOther<Made, F> = [Exclude<keyof Made, keyof F>] extends [never]
  ? unknown
  : { readonly 'not a family of this part': Exclude<keyof Made, keyof F> };

/** What `load` answers must have each family with exactly its methods, and no other family. */
export function part<const F extends Families, Made extends MethodsOf<F>>(
  families: F,
  load: (daemon: DaemonParts) => Promise<Made & NoOther<Made, F>>,
): MethodPart<F> {
  return { families, load };
}
