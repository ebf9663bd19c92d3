/**
 * `thread/rollback`: of 0.130, gone from today's protocol, still called by older clients (docs/protocol-extensions.md).
 */
import { struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { Thread } from './thread.js';

export const ThreadRollbackParams = struct('ThreadRollbackParams', {
  threadId: text,
  /** How many turns are taken back, at least 1. */
  numTurns: u32,
});
export type ThreadRollbackParams = Wire<typeof ThreadRollbackParams>;

export const ThreadRollbackResponse = struct('ThreadRollbackResponse', {
  /** With the turns that are left. */
  thread: Thread,
});
export type ThreadRollbackResponse = Wire<typeof ThreadRollbackResponse>;
