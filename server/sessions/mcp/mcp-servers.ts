/**
 * The MCP servers of one thread: one set of connections a thread (docs/protocol/services.md §7).
 *
 * Threat: a server that outlives its thread. Rule: a server is in the list from before its start until it is closed.
 * Closing the thread closes all of them, in every state, and none begins from then on.
 */
import { isDeepStrictEqual } from 'node:util';
import type { McpDaemon } from './open-server.js';
import { createMcpServer, type McpServer, type McpServerHost, type StartupNote } from './mcp-server.js';
import type { McpServerConfig } from './shape/server-config.js';

/** Also a part of the thread's runtime (runtime/part.ts). */
export interface McpServers {
  readonly held: number;
  /** Ends all of them; nobody waits for it. */
  close(): void;
  /** Those that are on, by name. */
  readonly list: readonly McpServer[];
  find(name: string): McpServer | null;
  /** The thread must not be without some of those that are on. */
  readonly hasRequired: boolean;
  /** Starts all of them, once. Its notifications wait for `tellNotes`. */
  begin(): void;
  tellNotes(): void;
  /** Why the thread cannot be without those that are required: `name: cause` each. Waits for them. */
  missing(): Promise<readonly string[]>;
  /** Starts those that have ended, and waits for those that start. Rejects with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>;
  /** Takes over another configuration: new ones start, others end, those that failed are tried again. */
  reload(): void;
  /** Ends all of them in order, within about a second. */
  end(): Promise<void>;
}

export interface McpServersOptions {
  readonly daemon: McpDaemon;
  readonly host: Omit<McpServerHost, 'cwd'> & {
    /** The thread's folder and its configuration, of this moment. */
    readonly cwd: () => string;
    readonly configs: () => readonly McpServerConfig[];
    /** How long a turn waits for servers that start, in milliseconds; null: until they have started, or failed. */
    readonly patienceMs: () => number | null;
  };
}

export function createMcpServers({ daemon, host }: McpServersOptions): McpServers {
  let servers: readonly McpServer[] = [];
  let begun = false;
  let closed = false;
  /** Null: notifications are sent at once. */
  let waiting: StartupNote[] | null = [];

  const tell = (note: StartupNote): void => {
    if (waiting === null) host.tell(note);
    else waiting.push(note);
  };
  const create = (config: McpServerConfig): McpServer =>
    createMcpServer(config, daemon, { ...host, cwd: host.cwd(), tell });
  const wanted = (): readonly McpServerConfig[] => host.configs().filter(({ enabled }) => enabled);
  const begin = (): void => {
    if (begun || closed) return;
    begun = true;
    servers = wanted().map(create);
    for (const server of servers) server.start();
  };
  const tellNotes = (): void => {
    const notes = waiting ?? [];
    waiting = null;
    for (const note of notes) host.tell(note);
  };
  const end = async (): Promise<void> => {
    closed = true;
    await Promise.all(servers.map((server) => server.close()));
  };

  return {
    get list() {
      return servers;
    },
    find: (name) => servers.find(({ config }) => config.name === name) ?? null,
    get hasRequired() {
      return wanted().some(({ required }) => required);
    },
    begin,
    tellNotes,
    async missing() {
      begin();
      const required = servers.filter(({ config }) => config.required);
      await Promise.all(required.map((server) => server.settled()));
      return required.flatMap(({ config, status, error }) =>
        status === 'connected' ? [] : [`${config.name}: ${causeOf(error)}`],
      );
    },
    async ready(signal) {
      begin();
      tellNotes();
      if (servers.length === 0) return;
      for (const server of servers) server.start();
      await within(Promise.all(servers.map((server) => server.settled())), host.patienceMs(), signal);
    },
    reload() {
      tellNotes();
      if (!begun || closed) return begin();
      const next = wanted();
      const kept = servers.filter(
        ({ config, outdated }) => !outdated && next.some((one) => isDeepStrictEqual(one, config)),
      );
      for (const server of servers) if (!kept.includes(server)) void server.close();
      servers = next.map((config) => kept.find((server) => server.config.name === config.name) ?? create(config));
      for (const server of servers) server.retry();
    },
    end,
    get held() {
      return closed ? 0 : servers.length;
    },
    close: () => void end(),
  };
}

/** Without what stands before the cause everywhere else. */
const causeOf = (error: string | null): string => error?.replace(/^MCP startup failed: /, '') ?? 'it was ended';

async function within(work: Promise<unknown>, ms: number | null, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  const limit = new Promise<void>((resolve, reject) => {
    if (ms !== null) timer = setTimeout(resolve, ms);
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
