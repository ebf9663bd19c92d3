/** process/*: processes that a client starts and controls (docs/protocol/exec.md). */
import {
  bool,
  dict,
  i32,
  i64,
  list,
  nullable,
  omittable,
  oneOf,
  optional,
  patch,
  struct,
  text,
  u16,
  usize,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf } from '../common/paths.js';

export const ProcessExitedNotification = struct('ProcessExitedNotification', {
  processHandle: text,
  exitCode: i32,
  outputDrainTimedOut: optional(bool),
  stdout: text,
  stdoutCapReached: bool,
  stderr: text,
  stderrCapReached: bool,
});
export type ProcessExitedNotification = Wire<typeof ProcessExitedNotification>;

export const ProcessKillParams = struct('ProcessKillParams', {
  processHandle: text,
});
export type ProcessKillParams = Wire<typeof ProcessKillParams>;

export const ProcessKillResponse = struct('ProcessKillResponse', {});
export type ProcessKillResponse = Wire<typeof ProcessKillResponse>;

export const ProcessOutputStream = oneOf('ProcessOutputStream', ['stdout', 'stderr']);
export type ProcessOutputStream = Wire<typeof ProcessOutputStream>;

export const ProcessOutputDeltaNotification = struct('ProcessOutputDeltaNotification', {
  processHandle: text,
  stream: ProcessOutputStream,
  deltaBase64: text,
  capReached: bool,
});
export type ProcessOutputDeltaNotification = Wire<typeof ProcessOutputDeltaNotification>;

export const ProcessTerminalSize = struct('ProcessTerminalSize', {
  rows: u16,
  cols: u16,
});
export type ProcessTerminalSize = Wire<typeof ProcessTerminalSize>;

export const ProcessResizePtyParams = struct('ProcessResizePtyParams', {
  processHandle: text,
  size: ProcessTerminalSize,
});
export type ProcessResizePtyParams = Wire<typeof ProcessResizePtyParams>;

export const ProcessResizePtyResponse = struct('ProcessResizePtyResponse', {});
export type ProcessResizePtyResponse = Wire<typeof ProcessResizePtyResponse>;

export const ProcessSpawnParams = struct('ProcessSpawnParams', {
  command: list(text),
  processHandle: text,
  cwd: AbsolutePathBuf,
  tty: omittable(bool, false),
  streamStdin: omittable(bool, false),
  streamStdoutStderr: omittable(bool, false),
  // Absent means the default, null means none (docs/protocol/exec.md §9).
  outputBytesCap: patch(usize),
  timeoutMs: patch(i64),
  env: optional(dict(nullable(text))),
  size: optional(ProcessTerminalSize),
});
export type ProcessSpawnParams = Wire<typeof ProcessSpawnParams>;

export const ProcessSpawnResponse = struct('ProcessSpawnResponse', {});
export type ProcessSpawnResponse = Wire<typeof ProcessSpawnResponse>;

export const ProcessWriteStdinParams = struct('ProcessWriteStdinParams', {
  processHandle: text,
  deltaBase64: optional(text),
  closeStdin: omittable(bool, false),
});
export type ProcessWriteStdinParams = Wire<typeof ProcessWriteStdinParams>;

export const ProcessWriteStdinResponse = struct('ProcessWriteStdinResponse', {});
export type ProcessWriteStdinResponse = Wire<typeof ProcessWriteStdinResponse>;
