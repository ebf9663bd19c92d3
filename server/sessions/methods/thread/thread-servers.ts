/** The MCP servers of a thread that is loaded: they start with it (docs/protocol/services.md §7, "Start"). */
import { internalError } from '../../../errors/rpc-error.js';
import type { LiveThread } from '../../live/live-thread.js';
import type { LiveThreads } from '../../live/live-threads.js';

/**
 * Waits for the servers that the thread must not be without; throws RpcError when one cannot be used, and the thread is
 * not loaded any more. Of the others nobody waits here: call `startServers` behind the answer.
 */
export async function requireServers(threads: Pick<LiveThreads, 'unload'>, live: LiveThread): Promise<void> {
  if (!live.runtime.mcp.hasRequired) return;
  const missing = await live.runtime.mcp.missing();
  if (missing.length === 0) return;
  await threads.unload(live.id, { untold: true });
  throw internalError(
    `error creating thread: Fatal error: Failed to initialize session: required MCP servers failed to initialize: ${missing.join('; ')}`,
  );
}

/** Sends the notifications about their start, from now on. */
export function startServers({ runtime }: LiveThread): void {
  runtime.mcp.begin();
  runtime.mcp.tellNotes();
}
