/** The typed client of codexd, and of every server that speaks its protocol. One function a transport. */
export { connectStdio, type StdioOptions } from './stdio.js';
export { connectWebSocket, type WebSocketOptions } from './websocket.js';
export { connectUnixSocket, type UnixSocketOptions } from './unix-socket.js';
export { runCommand, type CommandHandle, type RunCommandOptions } from './run-command.js';
export {
  NETWORK_APPROVAL_CAPABILITY,
  type NetworkDecision,
  type NetworkHandler,
  type NetworkPrompt,
} from './network-approvals.js';
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
