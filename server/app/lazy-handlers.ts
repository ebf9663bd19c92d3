import type { Handler, HandlerTable } from '../rpc/connection/caller.js';
import type { ClientRequestMethod } from '../../schema/registry.js';

/**
 * Stands for handlers whose code is loaded with the first request for one of them, so that start-up does not pay for
 * it. Requests that come while it loads keep their order.
 */
export function lazyHandlers<M extends ClientRequestMethod>(
  methods: readonly M[],
  load: () => Promise<Required<Pick<HandlerTable, M>>>,
): Pick<HandlerTable, M> {
  let loaded: Required<Pick<HandlerTable, M>> | undefined;
  let loading: Promise<Required<Pick<HandlerTable, M>>> | undefined;
  const handlerOf =
    <K extends M>(method: K): Handler<K> =>
    async (params, caller, context) => {
      const table = (loaded ??= await (loading ??= load()));
      return (table[method] as Handler<K>)(params, caller, context);
    };
  const handlers: Partial<Record<M, unknown>> = {};
  for (const method of methods) handlers[method] = handlerOf(method);
  return handlers as Pick<HandlerTable, M>;
}
