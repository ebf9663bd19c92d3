/** The MCP servers of a thread that is loaded: they start with it (docs/protocol/services.md §7, "Start"). */
import { describe } from '../../../errors/describe.js';
import { internalError } from '../../../errors/rpc-error.js';
import type { LiveThread } from '../../live/live-thread.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { allowedServers } from '../../mcp/shape/allowed-servers.js';
import { serverRequirements } from '../../mcp/shape/server-requirements.js';
import type { ThreadState } from '../../runtime/thread-state.js';
import type { LifecycleDeps } from './lifecycle-common.js';

/** Prepares what the processes of servers need, while the thread's file is made. */
export function prepareServers(
  { source, supervisor, log }: Pick<LifecycleDeps, 'source' | 'supervisor' | 'log'>,
  { table, plugins }: Pick<ThreadState, 'table' | 'plugins'>,
): void {
  const servers = allowedServers(table, serverRequirements(source), plugins);
  if (!servers.some(({ enabled, transport }) => enabled && transport.kind === 'stdio')) return;
  supervisor()
    .then((commands) => commands.warm())
    .catch((error: unknown) => log.warn(...describe('the start of MCP servers was not prepared', error)));
}

/**
 * Begins to start the thread's servers, and waits for those that it must not be without; throws RpcError when one
 * cannot be used, and the thread is not loaded any more. Of the others nobody waits here: call `startServers` behind
 * the answer.
 */
export async function requireServers(threads: Pick<LiveThreads, 'unload'>, live: LiveThread): Promise<void> {
  live.runtime.mcp.begin();
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
