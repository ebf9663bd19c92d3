/**
 * Calls the tool that a hook is, on the servers of its thread (docs/protocol/services.md §6 "Sources").
 *
 * Nobody is asked about the call: who has trusted the hook has trusted the call. A server with a sandbox works for it
 * as for no call of a turn, so its network requests ask nobody either.
 */
import type { CallHookTool, HookToolEnd } from '../../hooks/run/run-tool.js';
import { untilAborted } from '../../system/node/until-aborted.js';
import { connected } from '../mcp/connected.js';
import type { McpServers } from '../mcp/mcp-servers.js';
import { faultText, type JsonObject } from '../mcp/shape/connection.js';
import { isToolEnabled } from '../mcp/shape/server-config.js';

const failure = (why: string, cause: string | null = null): HookToolEnd => ({ ok: false, why, cause });

export function hookTools(threadId: string, servers: Pick<McpServers, 'begin' | 'find'>): CallHookTool {
  return async ({ server: name, tool, arguments: args, timeoutMs, signal }) => {
    servers.begin();
    const server = servers.find(name);
    if (server === null) return failure(`unknown MCP server '${name}'`);
    if (!isToolEnabled(server.config, tool)) return failure(`tool '${tool}' is disabled for MCP server '${name}'`);
    const failed = (cause: string): HookToolEnd => failure(`tool call failed for \`${name}/${tool}\``, cause);
    const until = performance.now() + timeoutMs;
    const ready = await inTime(connected(server), timeoutMs, signal);
    if (ready === null) return failed(`the server was not ready within ${timeoutMs / 1000} seconds`);
    if (!ready.ok) return failure(ready.problem);
    const call = { name: tool, arguments: args, meta: { threadId }, onProgress: null };
    const answer = await ready.connection.call(call, { timeoutMs: Math.max(until - performance.now(), 1), signal });
    if (!answer.ok) return failed(faultText(answer.fault, 'tools/call'));
    server.answered();
    const { content, isError } = answer.result;
    const text = content.flatMap(textOf).join('\n');
    return isError === true ? failure(`MCP tool returned an error: ${text}`) : { ok: true, text };
  };
}

/** Null: the time is over. Rejects with the signal's reason. */
async function inTime<T>(work: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T | null> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    return await untilAborted(work, AbortSignal.any([signal, late.signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (late.signal.aborted) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const textOf = ({ type, text }: JsonObject): readonly string[] =>
  type === 'text' && typeof text === 'string' ? [text] : [];
