/**
 * `codexd mcp-server`: codexd as a server for MCP clients, on standard input and output.
 *
 * The sessions run in app-servers that this program starts, one a profile: they have the home, the history, the rules
 * and the limits of every other session. They end with this program: their input ends, however it ends.
 */
import { Server, type StandardSchemaV1 } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { messageOf } from '../../errors/message-of.js';
import { PROTOCOL_VERSION } from '../../package/package-version.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, type ParsedCommand } from '../options/command-spec.js';
import { startAppServer, type AppServer, type McpPeer } from './app-server.js';
import { callTool, type AppServers } from './tool-call.js';
import { TOOLS } from './tool-list.js';
import { LONGEST_TIMER_MS } from '../../system/node/timers.js';

/** Resolves to 0 when the client has closed standard input, or reads standard output no more. */
export async function runMcpServer(parsed: ParsedCommand): Promise<number> {
  const server = new Server(
    { name: 'codex-mcp-server', title: 'Codex', version: PROTOCOL_VERSION },
    { capabilities: { tools: { listChanged: true } } },
  );
  const running = createAppServers(serverFlags(parsed), peerOf(server));
  server.setRequestHandler('tools/list', () => ({ tools: [...TOOLS] }));
  server.setRequestHandler('tools/call', ({ params }, { mcpReq: { id, signal } }) =>
    callTool({ id, name: params.name, arguments: params.arguments, signal }, running),
  );
  server.onerror = (error) => {
    const line = messageOf(error).replace(/\s+/g, ' ').slice(0, 300);
    process.stderr.write(`codexd mcp-server: a message of the client was ignored: ${line}\n`);
  };
  const closed = new Promise<void>((resolve) => (server.onclose = resolve));
  await server.connect(new StdioServerTransport());
  await closed;
  await running.close();
  return 0;
}

function serverFlags(parsed: ParsedCommand): string[] {
  const { overrides, enable, disable } = commandLineConfig(parsed);
  return [
    ...overrides.flatMap((value) => ['--config', value]),
    ...enable.flatMap((name) => ['--enable', name]),
    ...disable.flatMap((name) => ['--disable', name]),
    ...(isGiven(parsed, 'strict-config') ? ['--strict-config'] : []),
  ];
}

function peerOf(server: Server): McpPeer {
  return {
    get canAsk() {
      const form = server.getClientCapabilities()?.elicitation;
      // Without members, the capability means forms.
      return form !== undefined && (form.form !== undefined || form.url === undefined);
    },
    ask: (params, signal) =>
      server.request({ method: 'elicitation/create', params: { ...params } }, ANYTHING, {
        signal,
        // A person may think.
        timeout: LONGEST_TIMER_MS,
      }),
    event({ requestId, threadId }, id, msg) {
      const params = { _meta: { requestId, threadId }, id, msg };
      // A client that is gone ends the program by itself.
      server.notification({ method: 'codex/event', params }).catch(() => undefined);
    },
  };
}

/** The answers have members that the SDK's shape does not know; elicitation.ts reads them. */
const ANYTHING: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'codexd', validate: (value) => ({ value }) },
};

function createAppServers(flags: readonly string[], peer: McpPeer): AppServers & { close(): Promise<void> } {
  const byProfile = new Map<string | null, { readonly starting: Promise<AppServer>; started: AppServer | null }>();
  let closing = false;
  return {
    async of(profile) {
      const known = byProfile.get(profile);
      if (known !== undefined && known.started?.closed !== true) return known.starting;
      const starting = startAppServer(profile, flags, peer);
      const entry: { readonly starting: Promise<AppServer>; started: AppServer | null } = { starting, started: null };
      byProfile.set(profile, entry);
      try {
        entry.started = await starting;
      } catch (error) {
        byProfile.delete(profile);
        throw error;
      }
      if (closing) await entry.started.close();
      return entry.started;
    },
    having(threadId) {
      const all = [...byProfile.values()].flatMap(({ started }) =>
        started === null || started.closed ? [] : [started],
      );
      return all.find((server) => server.find(threadId) !== null) ?? null;
    },
    async close() {
      closing = true;
      const ending = [...byProfile.values()].map(({ starting }) => starting.then((server) => server.close()));
      await Promise.allSettled(ending);
    },
  };
}
