/** The running commands of all connections and threads. codexd adds these methods (docs/protocol-extensions.md). */
import { CommandExecTerminalSize } from '../exec/command-exec.js';
import { NetworkDenial } from '../common/network-denial.js';
import { bool, i32, i64, list, nullish, oneOf, struct, text, u16, u32, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { OperatorOwner } from './owner.js';

export const OperatorCommandEnd = struct('OperatorCommandEnd', {
  cause: oneOf(null, ['exit', 'timeout', 'terminate', 'ownerGone', 'denial']),
  exitCode: i32,
  endedAtMs: i64,
  /** Present exactly for the cause `denial`. */
  denial: nullish(NetworkDenial),
});
export type OperatorCommandEnd = Wire<typeof OperatorCommandEnd>;

export const OperatorCommand = struct('OperatorCommand', {
  /** One run of one command: the `registrationId` of its network decisions. */
  commandId: text,
  owner: OperatorOwner,
  /** The first word of the command. */
  program: text,
  command: list(text),
  cwd: text,
  startedAtMs: i64,
  network: struct(null, {
    access: oneOf(null, ['offline', 'direct', 'proxied']),
    /** The lane of a proxied command, for people. */
    lane: nullish(text),
    /** Bytes of its connections through the proxy. */
    bytesSent: u64,
    bytesReceived: u64,
  }),
  /** The name of its permission profile, if one was named. */
  profile: nullish(text),
  sandboxed: bool,
  terminal: bool,
  /** Its input is open for `operator/commands/write`. */
  stdin: bool,
  outputBytes: u64,
  state: oneOf(null, ['running', 'ended']),
  /** Null while it runs. */
  end: nullish(OperatorCommandEnd),
});
export type OperatorCommand = Wire<typeof OperatorCommand>;

export const OperatorCommandsListParams = struct('OperatorCommandsListParams', {});
export type OperatorCommandsListParams = Wire<typeof OperatorCommandsListParams>;

export const OperatorCommandsListResponse = struct('OperatorCommandsListResponse', {
  /** The running ones, oldest first, after the last ones that ended. */
  data: list(OperatorCommand),
});
export type OperatorCommandsListResponse = Wire<typeof OperatorCommandsListResponse>;

export const OperatorProcess = struct('OperatorProcess', {
  pid: u32,
  parentPid: u32,
  program: text,
});
export type OperatorProcess = Wire<typeof OperatorProcess>;

export const OperatorCommandsTreeParams = struct('OperatorCommandsTreeParams', { commandId: text });
export type OperatorCommandsTreeParams = Wire<typeof OperatorCommandsTreeParams>;

export const OperatorCommandsTreeResponse = struct('OperatorCommandsTreeResponse', { data: list(OperatorProcess) });
export type OperatorCommandsTreeResponse = Wire<typeof OperatorCommandsTreeResponse>;

export const OperatorCommandsWatchParams = struct('OperatorCommandsWatchParams', { commandId: text });
export type OperatorCommandsWatchParams = Wire<typeof OperatorCommandsWatchParams>;

export const OperatorCommandsWatchResponse = struct('OperatorCommandsWatchResponse', {
  /** Base64: the end of the output so far, both streams in the order of their arrival. */
  output: text,
  /** Earlier output that is no longer kept. */
  skippedBytes: u64,
  /** The size of its terminal. Null: it has none. */
  columns: nullish(u16),
  rows: nullish(u16),
});
export type OperatorCommandsWatchResponse = Wire<typeof OperatorCommandsWatchResponse>;

export const OperatorCommandsUnwatchParams = struct('OperatorCommandsUnwatchParams', { commandId: text });
export type OperatorCommandsUnwatchParams = Wire<typeof OperatorCommandsUnwatchParams>;

export const OperatorCommandsUnwatchResponse = struct('OperatorCommandsUnwatchResponse', {});
export type OperatorCommandsUnwatchResponse = Wire<typeof OperatorCommandsUnwatchResponse>;

export const OperatorCommandsWriteParams = struct('OperatorCommandsWriteParams', {
  commandId: text,
  /** Base64. */
  data: text,
});
export type OperatorCommandsWriteParams = Wire<typeof OperatorCommandsWriteParams>;

export const OperatorCommandsWriteResponse = struct('OperatorCommandsWriteResponse', {});
export type OperatorCommandsWriteResponse = Wire<typeof OperatorCommandsWriteResponse>;

export const OperatorCommandsResizeParams = struct('OperatorCommandsResizeParams', {
  commandId: text,
  size: CommandExecTerminalSize,
});
export type OperatorCommandsResizeParams = Wire<typeof OperatorCommandsResizeParams>;

export const OperatorCommandsResizeResponse = struct('OperatorCommandsResizeResponse', {});
export type OperatorCommandsResizeResponse = Wire<typeof OperatorCommandsResizeResponse>;

export const OperatorCommandsTerminateParams = struct('OperatorCommandsTerminateParams', { commandId: text });
export type OperatorCommandsTerminateParams = Wire<typeof OperatorCommandsTerminateParams>;

export const OperatorCommandsTerminateResponse = struct('OperatorCommandsTerminateResponse', {
  /** false: it had ended before. */
  terminated: bool,
});
export type OperatorCommandsTerminateResponse = Wire<typeof OperatorCommandsTerminateResponse>;

/** Commands that started, changed or ended since the last such notification. */
export const OperatorCommandsChangedNotification = struct('OperatorCommandsChangedNotification', {
  data: list(OperatorCommand),
});
export type OperatorCommandsChangedNotification = Wire<typeof OperatorCommandsChangedNotification>;

/** Output of a watched command. */
export const OperatorCommandsOutputNotification = struct('OperatorCommandsOutputNotification', {
  commandId: text,
  stream: oneOf(null, ['stdout', 'stderr', 'terminal']),
  /** Base64. */
  delta: text,
  /** Output before this piece that was left out because the client reads too slowly. */
  skippedBytes: u64,
});
export type OperatorCommandsOutputNotification = Wire<typeof OperatorCommandsOutputNotification>;
