/** The state of the daemon and its connections. codexd adds these methods (docs/protocol-extensions.md). */
import { NetworkDecision } from '../approvals/network-decisions.js';
import { bool, i64, list, nullish, oneOf, struct, text, u32, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const OperatorOverviewReadParams = struct('OperatorOverviewReadParams', {});
export type OperatorOverviewReadParams = Wire<typeof OperatorOverviewReadParams>;

export const OperatorOverviewReadResponse = struct('OperatorOverviewReadResponse', {
  pid: u32,
  startedAtMs: i64,
  version: text,
  /** The version of the official program whose protocol this is. */
  protocolVersion: text,
  nodeVersion: text,
  codexHome: text,
  rssBytes: u64,
  /** What this client may do with the commands and questions of others. */
  may: oneOf(null, ['see', 'answer']),
  listeners: list(text),
  /** Why the daemon should get no new work. Null: it is ready. */
  readiness: nullish(text),
  sandbox: struct(null, {
    state: oneOf(null, ['ok', 'failed', 'unchecked']),
    summary: text,
    remedy: nullish(text),
  }),
  counts: struct(null, {
    connections: u64,
    runningCommands: u64,
    loadedThreads: u64,
    activeTurns: u64,
    openPrompts: u64,
    /** Since the daemon started, as the others below. */
    commandsStarted: u64,
    turnsCompleted: u64,
    turnsFailed: u64,
    decisionsAllowed: u64,
    decisionsDenied: u64,
  }),
  /** The last lines of the log with these levels, oldest first. */
  recentErrors: list(struct(null, { atMs: i64, level: oneOf(null, ['warn', 'error']), message: text })),
  /** What an administrator demands, one entry a place. */
  requirements: list(struct(null, { source: text, summary: text })),
});
export type OperatorOverviewReadResponse = Wire<typeof OperatorOverviewReadResponse>;

export const OperatorConnection = struct('OperatorConnection', {
  connectionId: u64,
  transport: oneOf(null, ['stdio', 'websocket', 'unix']),
  /** Address and port. Null: not a TCP connection. */
  peer: nullish(text),
  /** The name and version that the client gave. Null: before `initialize`. */
  clientName: nullish(text),
  clientVersion: nullish(text),
  connectedAtMs: i64,
  /** The client declared the capability. */
  operator: bool,
  subscribedThreads: u32,
});
export type OperatorConnection = Wire<typeof OperatorConnection>;

export const OperatorConnectionsListParams = struct('OperatorConnectionsListParams', {});
export type OperatorConnectionsListParams = Wire<typeof OperatorConnectionsListParams>;

export const OperatorConnectionsListResponse = struct('OperatorConnectionsListResponse', {
  /** Oldest first. */
  data: list(OperatorConnection),
});
export type OperatorConnectionsListResponse = Wire<typeof OperatorConnectionsListResponse>;

/** The list of connections is another one now. */
export const OperatorConnectionsChangedNotification = struct('OperatorConnectionsChangedNotification', {});
export type OperatorConnectionsChangedNotification = Wire<typeof OperatorConnectionsChangedNotification>;

/** Decisions of the network policy since the last such notification. */
export const OperatorNetworkDecidedNotification = struct('OperatorNetworkDecidedNotification', {
  data: list(NetworkDecision),
  /** Decisions that were left out because there were too many at once. `network/decisions/list` has them. */
  dropped: u64,
});
export type OperatorNetworkDecidedNotification = Wire<typeof OperatorNetworkDecidedNotification>;

/** The client read too slowly, so notifications for operators were left out: it lists everything again. */
export const OperatorLaggedNotification = struct('OperatorLaggedNotification', {});
export type OperatorLaggedNotification = Wire<typeof OperatorLaggedNotification>;

export const ConsoleLinkParams = struct('ConsoleLinkParams', {});
export type ConsoleLinkParams = Wire<typeof ConsoleLinkParams>;

export const ConsoleLinkResponse = struct('ConsoleLinkResponse', {
  /** Fresh links to the console, one a listener. Each works once. */
  links: list(text),
});
export type ConsoleLinkResponse = Wire<typeof ConsoleLinkResponse>;
