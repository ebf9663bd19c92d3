/** command/exec: one command without a thread (docs/protocol/exec.md §1). */
import {
  bool,
  dict,
  gated,
  i32,
  i64,
  list,
  nullable,
  omittable,
  oneOf,
  optional,
  path,
  struct,
  text,
  u16,
  usize,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { SandboxPolicy } from '../common/permissions.js';

export const CommandExecOutputStream = oneOf('CommandExecOutputStream', ['stdout', 'stderr']);
export type CommandExecOutputStream = Wire<typeof CommandExecOutputStream>;

export const CommandExecOutputDeltaNotification = struct('CommandExecOutputDeltaNotification', {
  processId: text,
  stream: CommandExecOutputStream,
  deltaBase64: text,
  capReached: bool,
});
export type CommandExecOutputDeltaNotification = Wire<typeof CommandExecOutputDeltaNotification>;

export const CommandExecTerminalSize = struct('CommandExecTerminalSize', {
  rows: u16,
  cols: u16,
});
export type CommandExecTerminalSize = Wire<typeof CommandExecTerminalSize>;

export const CommandExecParams = struct('CommandExecParams', {
  command: list(text),
  processId: optional(text),
  tty: omittable(bool, false),
  streamStdin: omittable(bool, false),
  streamStdoutStderr: omittable(bool, false),
  outputBytesCap: optional(usize),
  disableOutputCap: omittable(bool, false),
  disableTimeout: omittable(bool, false),
  timeoutMs: optional(i64),
  cwd: optional(path),
  env: optional(dict(nullable(text))),
  size: optional(CommandExecTerminalSize),
  sandboxPolicy: optional(SandboxPolicy),
  permissionProfile: gated(optional(text)),
});
export type CommandExecParams = Wire<typeof CommandExecParams>;

export const CommandExecResizeParams = struct('CommandExecResizeParams', {
  processId: text,
  size: CommandExecTerminalSize,
});
export type CommandExecResizeParams = Wire<typeof CommandExecResizeParams>;

export const CommandExecResizeResponse = struct('CommandExecResizeResponse', {});
export type CommandExecResizeResponse = Wire<typeof CommandExecResizeResponse>;

export const CommandExecResponse = struct('CommandExecResponse', {
  exitCode: i32,
  stdout: text,
  stderr: text,
});
export type CommandExecResponse = Wire<typeof CommandExecResponse>;

export const CommandExecTerminateParams = struct('CommandExecTerminateParams', {
  processId: text,
});
export type CommandExecTerminateParams = Wire<typeof CommandExecTerminateParams>;

export const CommandExecTerminateResponse = struct('CommandExecTerminateResponse', {});
export type CommandExecTerminateResponse = Wire<typeof CommandExecTerminateResponse>;

export const CommandExecWriteParams = struct('CommandExecWriteParams', {
  processId: text,
  deltaBase64: optional(text),
  closeStdin: omittable(bool, false),
});
export type CommandExecWriteParams = Wire<typeof CommandExecWriteParams>;

export const CommandExecWriteResponse = struct('CommandExecWriteResponse', {});
export type CommandExecWriteResponse = Wire<typeof CommandExecWriteResponse>;
