import type { ClientRequestMethod } from '../../schema/registry.js';
import type { Handler, HandlerTable } from '../rpc/connection/caller.js';
import type { DaemonParts } from './daemon-parts.js';
import { METHOD_PARTS, type OfferedMethod } from './method-families.js';

/** A handler for every method that codexd offers. */
export type OfferedHandlers = { readonly [M in OfferedMethod]: Handler<M> };

/** Loads nothing yet: the code of a part is loaded with the first request for one of its methods. */
export function methodHandlers(daemon: DaemonParts): OfferedHandlers {
  const handlers: Partial<Record<ClientRequestMethod, unknown>> = {};
  for (const part of Object.values(METHOD_PARTS)) {
    const handlerOf = lazily(part, daemon);
    for (const names of Object.values<readonly ClientRequestMethod[]>(part.families)) {
      for (const method of names) handlers[method] = handlerOf(method);
    }
  }
  return handlers as OfferedHandlers;
}

/** Requests that come while the part is loaded keep their order. */
function lazily(
  { load }: { readonly load: (daemon: DaemonParts) => Promise<Readonly<Record<string, HandlerTable>>> },
  daemon: DaemonParts,
): (method: ClientRequestMethod) => Handler<ClientRequestMethod> {
  let loaded: HandlerTable | undefined;
  let loading: Promise<HandlerTable> | undefined;
  const all = async (): Promise<HandlerTable> =>
    Object.assign({}, ...Object.values(await load(daemon))) as HandlerTable;
  return (method) => async (params, caller, context) => {
    const table = (loaded ??= await (loading ??= all()));
    return (table[method] as Handler<ClientRequestMethod>)(params, caller, context);
  };
}
