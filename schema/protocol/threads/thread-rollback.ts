/**
 * `thread/rollback`: a method of version 0.130 that the current protocol no longer has. Older clients still call it
 * (docs/protocol-extensions.md).
 */
import { struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { Thread } from './thread.js';

export const ThreadRollbackParams = struct('ThreadRollbackParams', {
  threadId: text,
  /** The number of turns to remove, at least 1. */
  numTurns: u32,
});
export type ThreadRollbackParams = Wire<typeof ThreadRollbackParams>;

export const ThreadRollbackResponse = struct('ThreadRollbackResponse', {
  /** With the remaining turns. */
  thread: Thread,
});
export type ThreadRollbackResponse = Wire<typeof ThreadRollbackResponse>;
