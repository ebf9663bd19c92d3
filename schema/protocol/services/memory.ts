/** Memories across threads. */
import { bool, nullish, oneOf, optional, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const MemoryResetResponse = struct('MemoryResetResponse', {});
export type MemoryResetResponse = Wire<typeof MemoryResetResponse>;

export const MemoryStatusParams = struct('MemoryStatusParams', {
  minConsolidatedThreads: optional(u32),
});
export type MemoryStatusParams = Wire<typeof MemoryStatusParams>;

export const MemoryStatusResponse = struct('MemoryStatusResponse', {
  v2ConsolidatedThreads: u32,
  v2Ready: bool,
});
export type MemoryStatusResponse = Wire<typeof MemoryStatusResponse>;

export const RolloutCompressResponse = struct('RolloutCompressResponse', {});
export type RolloutCompressResponse = Wire<typeof RolloutCompressResponse>;

export const ThreadMemoryMode = oneOf('ThreadMemoryMode', ['enabled', 'disabled']);
export type ThreadMemoryMode = Wire<typeof ThreadMemoryMode>;

export const ThreadMemoryModeSetParams = struct('ThreadMemoryModeSetParams', {
  threadId: text,
  mode: ThreadMemoryMode,
});
export type ThreadMemoryModeSetParams = Wire<typeof ThreadMemoryModeSetParams>;

export const ThreadMemoryModeSetResponse = struct('ThreadMemoryModeSetResponse', {});
export type ThreadMemoryModeSetResponse = Wire<typeof ThreadMemoryModeSetResponse>;

export const ThreadMemoryReadParams = struct('ThreadMemoryReadParams', {
  threadId: text,
});
export type ThreadMemoryReadParams = Wire<typeof ThreadMemoryReadParams>;

export const ThreadMemoryReadResponse = struct('ThreadMemoryReadResponse', {
  summary: nullish(text),
});
export type ThreadMemoryReadResponse = Wire<typeof ThreadMemoryReadResponse>;
