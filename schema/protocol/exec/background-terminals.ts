/** Terminals that outlive the turn that opened them. */
import { bool, float, list, nullish, optional, struct, text, u32, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { LegacyAppPathString } from '../common/paths.js';

export const ThreadBackgroundTerminal = struct('ThreadBackgroundTerminal', {
  itemId: text,
  processId: text,
  command: text,
  cwd: LegacyAppPathString,
  osPid: nullish(u32),
  cpuPercent: nullish(float),
  rssKb: nullish(u64),
});
export type ThreadBackgroundTerminal = Wire<typeof ThreadBackgroundTerminal>;

export const ThreadBackgroundTerminalsCleanParams = struct('ThreadBackgroundTerminalsCleanParams', {
  threadId: text,
});
export type ThreadBackgroundTerminalsCleanParams = Wire<typeof ThreadBackgroundTerminalsCleanParams>;

export const ThreadBackgroundTerminalsCleanResponse = struct('ThreadBackgroundTerminalsCleanResponse', {});
export type ThreadBackgroundTerminalsCleanResponse = Wire<typeof ThreadBackgroundTerminalsCleanResponse>;

export const ThreadBackgroundTerminalsListParams = struct('ThreadBackgroundTerminalsListParams', {
  threadId: text,
  cursor: optional(text),
  limit: optional(u32),
});
export type ThreadBackgroundTerminalsListParams = Wire<typeof ThreadBackgroundTerminalsListParams>;

export const ThreadBackgroundTerminalsListResponse = struct('ThreadBackgroundTerminalsListResponse', {
  data: list(ThreadBackgroundTerminal),
  nextCursor: nullish(text),
});
export type ThreadBackgroundTerminalsListResponse = Wire<typeof ThreadBackgroundTerminalsListResponse>;

export const ThreadBackgroundTerminalsTerminateParams = struct('ThreadBackgroundTerminalsTerminateParams', {
  threadId: text,
  processId: text,
});
export type ThreadBackgroundTerminalsTerminateParams = Wire<typeof ThreadBackgroundTerminalsTerminateParams>;

export const ThreadBackgroundTerminalsTerminateResponse = struct('ThreadBackgroundTerminalsTerminateResponse', {
  terminated: bool,
});
export type ThreadBackgroundTerminalsTerminateResponse = Wire<typeof ThreadBackgroundTerminalsTerminateResponse>;
