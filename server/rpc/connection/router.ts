/**
 * From a request to its handler: the checks of docs/protocol/transport.md §1 in their order, and what exceptions
 * become.
 */
import { decodeRequest, experimentalDescriptor, methodFamily } from '../wire/decode.js';
import type { InitializeParams } from '../../../schema/protocol/common/initialize.js';
import type { ClientRequestMethod, RequestResult } from '../../../schema/registry.js';
import type { Logger } from '../../log/log.js';
import { osTroubleText } from '../../system/node/os-errors.js';
import type { Caller, Handler, HandlerTable, RequestContext } from './caller.js';
import { internalError, invalidRequest, notSupported, RpcError } from '../../errors/rpc-error.js';
import { agree, type Session } from './session.js';

export interface RouterOptions {
  readonly handlers: HandlerTable;
  /** Answers a good `initialize`. The caller's identity and capabilities are not there yet: they are in `session`. */
  readonly initialize: (
    params: InitializeParams,
    session: Session,
  ) => RequestResult<'initialize'> | Promise<RequestResult<'initialize'>>;
  readonly log: Logger;
  /** Counts requests by the family of their method; `unknown` where it is none. */
  readonly countRequest?: (family: string) => void;
}

/** What the router may see and change of the connection that a request came on. */
export interface RoutedConnection {
  readonly session: Session;
  readonly caller: Caller;
  /** The session takes effect when the answer goes out. */
  agreed(session: Session): void;
}

/** Does one request's work; throws RpcError and nothing else. */
export type Route = (
  connection: RoutedConnection,
  method: string,
  params: unknown,
  context: RequestContext,
) => Promise<unknown>;

export function createRouter({ handlers, initialize, log, countRequest }: RouterOptions): Route {
  const begin = async (connection: RoutedConnection, decoded: DecodedRequest): Promise<RequestResult<'initialize'>> => {
    if (connection.session.state === 'ready') throw invalidRequest('Already initialized');
    const params = decoded.params as InitializeParams;
    const session = agree(params, decoded.sent);
    const result = await initialize(params, session);
    connection.agreed(session);
    return result;
  };
  const call = (
    connection: RoutedConnection,
    method: ClientRequestMethod,
    decoded: DecodedRequest,
    context: RequestContext,
  ) => {
    if (connection.session.state !== 'ready') throw invalidRequest('Not initialized');
    if (!connection.session.experimentalApi) refuseExperimental(method, decoded.params);
    const handler = handlers[method] as Handler<ClientRequestMethod> | undefined;
    if (!handler) throw notSupported(`${method} is not supported by codexd yet`);
    return handler(decoded.params as never, connection.caller, context);
  };

  return async (connection, method, params, context) => {
    try {
      countRequest?.(methodFamily(method) ?? 'unknown');
      const outcome = decodeRequest(method, params);
      if (!outcome.ok) throw invalidRequest(`Invalid request: ${outcome.message}`);
      const decoded = { params: outcome.params, sent: params };
      if (method === 'initialize') return await begin(connection, decoded);
      return await call(connection, method as ClientRequestMethod, decoded, context);
    } catch (error) {
      if (error instanceof RpcError) throw error;
      const trouble = osTroubleText(error);
      if (trouble !== null) {
        log.error(`${method} failed: ${trouble}`);
        throw internalError(`${method} failed: ${trouble}`);
      }
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      log.error(`${method} failed unexpectedly: ${message}`, { stack });
      throw internalError(`${method} failed unexpectedly: ${message}`);
    }
  };
}

interface DecodedRequest {
  /** Defaults filled in. */
  readonly params: unknown;
  /** As the client sent them. */
  readonly sent: unknown;
}

/** Checked after decoding and the handshake, and before everything else (docs/protocol/transport.md §3). */
function refuseExperimental(method: ClientRequestMethod, params: unknown): void {
  const descriptor = experimentalDescriptor(method, params);
  if (descriptor !== null) throw invalidRequest(`${descriptor} requires experimentalApi capability`);
}
