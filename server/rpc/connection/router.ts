/**
 * Routes a request to its handler: runs the checks of docs/protocol/transport.md §1 in their order, and translates
 * exceptions.
 */
import { errorFields } from '../../errors/describe.js';
import { isCode } from '../../errors/codexd-error.js';
import { toRpcError } from './to-rpc-error.js';
import { decodeRequest, experimentalDescriptor, methodFamily } from '../wire/decode.js';
import type { InitializeParams } from '../../../schema/protocol/common/initialize.js';
import type { ClientRequestMethod, RequestResult } from '../../../schema/registry.js';
import type { Logger } from '../../log/log.js';
import type { Caller, Handler, HandlerTable, RequestContext } from './caller.js';
import { invalidRequest, notSupported } from '../../errors/rpc-error.js';
import { readHandshake, type Handshake } from './handshake.js';

export interface RouterOptions {
  readonly handlers: HandlerTable;
  /**
   * Answers a valid `initialize`. The caller's identity and capabilities are not set yet; read them from `handshake`.
   */
  readonly initialize: (
    params: InitializeParams,
    handshake: Handshake,
  ) => RequestResult<'initialize'> | Promise<RequestResult<'initialize'>>;
  readonly log: Logger;
  /** Counts requests by the family of their method; `unknown` for an unknown method. */
  readonly countRequest?: (family: string) => void;
}

/** The part of a connection that the router may read and change. */
export interface RoutedConnection {
  readonly handshake: Handshake;
  readonly caller: Caller;
  /** The handshake takes effect when the answer is sent. */
  agreed(handshake: Handshake): void;
}

/** Handles one request. Throws only RpcError. */
export type Route = (
  connection: RoutedConnection,
  method: string,
  params: unknown,
  context: RequestContext,
) => Promise<unknown>;

export function createRouter({ handlers, initialize, log, countRequest }: RouterOptions): Route {
  const begin = async (connection: RoutedConnection, decoded: DecodedRequest): Promise<RequestResult<'initialize'>> => {
    if (connection.handshake.state === 'ready') throw invalidRequest('Already initialized');
    const params = decoded.params as InitializeParams;
    const handshake = readHandshake(params, decoded.sent);
    const result = await initialize(params, handshake);
    connection.agreed(handshake);
    return result;
  };
  const call = (
    connection: RoutedConnection,
    method: ClientRequestMethod,
    decoded: DecodedRequest,
    context: RequestContext,
  ) => {
    if (connection.handshake.state !== 'ready') throw invalidRequest('Not initialized');
    if (!connection.handshake.experimentalApi) refuseExperimental(method, decoded.params);
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
      const answer = toRpcError(method, error);
      if (isCode(answer, 'machine.os', 'request.unexpected')) log.error(answer.message, errorFields(error));
      throw answer;
    }
  };
}

interface DecodedRequest {
  /** Defaults filled in. */
  readonly params: unknown;
  /** As the client sent them. */
  readonly sent: unknown;
}

/** Runs after decoding and the handshake, and before all other checks (docs/protocol/transport.md §3). */
function refuseExperimental(method: ClientRequestMethod, params: unknown): void {
  const descriptor = experimentalDescriptor(method, params);
  if (descriptor !== null) throw invalidRequest(`${descriptor} requires experimentalApi capability`);
}
