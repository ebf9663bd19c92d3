/** The exports that both entries of the client share: index.ts for Node, browser.ts for browsers. */
export {
  NETWORK_APPROVAL_CAPABILITY,
  type NetworkDecision,
  type NetworkHandler,
  type NetworkPrompt,
} from './network-approvals.js';
export {
  OPERATOR_CAPABILITY,
  watchOperator,
  type OperatorCommand,
  type OperatorConnection,
  type OperatorDecision,
  type OperatorPrompt,
  type OperatorWatch,
} from './operator.js';
export { Client, type ClientOptions } from './client.js';
export type { InitializeResult } from './connection.js';
export type { ClientState } from './link.js';
export type { ReconnectOptions } from './reconnect.js';
export type { RequestOptions } from './peer.js';
export type {
  Dispose,
  EveryListener,
  NotificationContext,
  NotificationListener,
  ServerRequestContext,
  ServerRequestHandler,
} from './handlers.js';
export {
  ClientClosedError,
  ClientError,
  ConnectError,
  ConnectionLostError,
  ProtocolError,
  RequestTimeoutError,
  ServerError,
} from './errors.js';
