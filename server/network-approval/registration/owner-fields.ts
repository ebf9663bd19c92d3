import type { CommandOwner } from './denial.js';

/** Returns the log fields that identify a command's owner. */
export const ownerFields = (owner: CommandOwner): Readonly<Record<string, unknown>> => ({
  ...(owner.kind === 'thread'
    ? { thread: owner.threadId, turn: owner.turnId, item: owner.itemId }
    : { connection: owner.connectionId, request: owner.requestId }),
  ...(owner.mcpServer === undefined ? {} : { server: owner.mcpServer }),
});
