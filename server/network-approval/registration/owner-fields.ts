import type { CommandOwner } from './denial.js';

/** Whose command a line of the log is about. */
export const ownerFields = (owner: CommandOwner): Readonly<Record<string, unknown>> =>
  owner.kind === 'thread'
    ? { thread: owner.threadId, turn: owner.turnId, item: owner.itemId }
    : { connection: owner.connectionId, request: owner.requestId };
