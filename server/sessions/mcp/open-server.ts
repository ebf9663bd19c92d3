/** From the configuration of a server to a connection, or to the words of why there is none. */
import { isCode } from '../../errors/codexd-error.js';
import type { CommandPermissions } from '../../exec/start/permissions.js';
import { messageOf } from '../../errors/message-of.js';
import type { Supervisor } from '../../exec/supervisor.js';
import type { Logger } from '../../log/log.js';
import type { McpCounts } from '../../metrics/mcp-counts.js';
import type { Outbound } from '../model/endpoint/outbound.js';
import { connect, type Connected, type ServerPlace } from './connection/index.js';
import { serverOwner, startServerProcess } from './server-process.js';
import { faultText, type ConnectionEvents, type McpConnection } from './shape/connection.js';
import type { ServerRequirements } from './shape/allowed-servers.js';
import { httpHeaders } from './shape/http-headers.js';
import type { McpServerConfig } from './shape/server-config.js';
import type { McpLogins } from './oauth/index.js';
import { inTurns } from './work/in-turns.js';
import type { ServerWorks } from './work/server-works.js';
import { LONGEST_TIMER_MS } from '../../system/node/timers.js';

/** What all servers of the daemon share. */
export interface McpDaemon {
  readonly supervisor: () => Promise<Supervisor>;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Made with the first server that is not a process. */
  readonly outbound: () => Outbound;
  readonly logins: McpLogins;
  /** What the administrator allows at this moment. */
  readonly required: () => ServerRequirements;
  readonly counts: McpCounts;
  readonly log: Logger;
}

export interface OpenOptions {
  readonly cwd: string;
  readonly threadId: string | null;
  /** Of the process, if it is one. */
  readonly permissions: CommandPermissions;
  readonly works: ServerWorks;
  readonly events: ConnectionEvents;
  /** Its abort ends everything of the server at once. */
  readonly gone: AbortSignal;
}

export type Opened =
  | { readonly ok: true; readonly connection: McpConnection }
  | {
      readonly ok: false;
      /** As behind `MCP startup failed: `. */
      readonly cause: string;
      readonly kind: 'timeout' | 'unauthorized' | 'reauthentication' | 'failed';
    };

/** Rejects with the reason of `gone` when it is aborted. */
export async function openServer(config: McpServerConfig, daemon: McpDaemon, options: OpenOptions): Promise<Opened> {
  const { name, startupTimeoutMs } = config;
  const { gone } = options;
  if (!NAME.test(name)) return failed(`Invalid MCP server name '${name}': must match pattern ${NAME.source}`);
  if (config.permissions !== null && config.transport.kind !== 'stdio')
    return failed(
      `mcp_servers.${name}.permissions asks for a sandbox, and a server at an address runs elsewhere: remove the key`,
    );
  let place: Place | string;
  try {
    place = await placeOf(config, daemon, options);
  } catch (error) {
    gone.throwIfAborted();
    return isCode(error, 'mcp.start-timeout')
      ? { ok: false, cause: error.message, kind: 'timeout' }
      : failed(messageOf(error));
  }
  if (typeof place === 'string') return failed(place);
  const limits = { timeoutMs: startupTimeoutMs, signal: gone };
  const opened = outcome(await connect({ place, events: options.events, limits }));
  if (!opened.ok) {
    const hasLogin = opened.kind === 'unauthorized' && daemon.logins.stored(config) !== null;
    return hasLogin ? { ...opened, kind: 'reauthentication' } : opened;
  }
  const onLane = place.kind === 'pipe' && place.onLane;
  return onLane ? { ok: true, connection: inTurns(opened.connection, options.works) } : opened;
}

const NAME = /^[a-zA-Z0-9_:@/.-]+$/;

const failed = (cause: string): Opened => ({ ok: false, cause, kind: 'failed' });

/** A process can be on a network lane. */
type Place = Exclude<ServerPlace, { kind: 'pipe' }> | (ServerPlace & { kind: 'pipe'; readonly onLane: boolean });

async function placeOf(
  config: McpServerConfig,
  { supervisor, env, outbound, logins, log }: McpDaemon,
  { cwd, threadId, permissions, works, gone }: OpenOptions,
): Promise<Place | string> {
  const { transport, name, startupTimeoutMs: patienceMs } = config;
  if (transport.kind === 'stdio') {
    const owner = serverOwner(name, threadId);
    const { now: workNow } = works;
    const process = { supervisor, env, cwd, permissions, owner, workNow, patienceMs, gone, log };
    const pipe = await startServerProcess(config, transport, process);
    return { kind: 'pipe', pipe, onLane: pipe.onLane };
  }
  if (!URL.canParse(transport.url) || !/^https?:$/.test(new URL(transport.url).protocol))
    return `\`${transport.url}\` is no http or https address`;
  const headers = httpHeaders(transport, name, env);
  if (typeof headers === 'string') return headers;
  // A tool may take its whole time before the answer begins.
  const headTimeoutMs = Math.min(Math.max(config.toolTimeoutMs, config.startupTimeoutMs) + 5_000, LONGEST_TIMER_MS);
  return {
    kind: 'http',
    url: new URL(transport.url),
    headers,
    outbound: outbound(),
    tokens: logins.tokens(config),
    headTimeoutMs,
  };
}

function outcome(connected: Connected): Opened {
  if (connected.ok) return connected;
  const { step, fault } = connected;
  if (fault.kind === 'unauthorized') return { ok: false, cause: faultText(fault, step), kind: 'unauthorized' };
  if (fault.kind === 'timeout') {
    const cause = `timed out handshaking with MCP server after ${fault.ms / 1000}s`;
    return { ok: false, cause, kind: 'timeout' };
  }
  if (step === 'tools/list') return failed(faultText(fault, step));
  const words =
    fault.kind === 'rpc'
      ? `JSON-RPC error: ${fault.code}: ${fault.message}`
      : fault.kind === 'closed'
        ? 'connection closed: initialize response'
        : faultText(fault, step);
  // The official program says these twice, and clients may look for them.
  const twice = fault.kind === 'rpc' || fault.kind === 'closed';
  return failed(`handshaking with MCP server failed: ${words}${twice ? `: ${words}` : ''}`);
}
