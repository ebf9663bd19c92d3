/**
 * One MCP server of one thread, from its start to its end.
 *
 * Rule: a server that ended by itself starts again when it is needed next, so that nothing is reported in the middle
 * of a turn without a cause in it. A server that ends repeatedly without an answered call stays off until the
 * configuration is read again.
 */
import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../../errors/config-error.js';
import { describe } from '../../errors/describe.js';
import { createSparse } from '../../log/log-sparse.js';
import type { NetworkDenial } from '../../network-approval/registration/denial.js';
import type { SessionMemory } from '../../network-approval/registration/session-memory.js';
import type { NotificationParams } from '../../../schema/registry.js';
import { openServer, type McpDaemon, type Opened } from './open-server.js';
import type { McpConnection, ServerQuestion, ServerReply } from './shape/connection.js';
import type { McpServerConfig } from './shape/server-config.js';
import { questionWatch } from './question-watch.js';
import { startFailure } from './start-failure.js';
import { serverOwner } from './server-process.js';
import { serverPermissions, type ServerAccess, type ServerPermissions } from './server-permissions.js';
import { countedCalls } from './work/counted-calls.js';
import { createServerWorks } from './work/server-works.js';

export type ServerStatus = 'notStarted' | 'starting' | 'connected' | 'authenticationRequired' | 'failed' | 'cancelled';

export type StartupNote = Omit<NotificationParams<'mcpServer/startupStatus/updated'>, 'threadId'>;

export interface McpServerHost {
  /** Null: it belongs to no thread. */
  readonly threadId: string | null;
  /** Where servers run that name no folder. */
  readonly cwd: string;
  /** The configuration of this moment, for its permissions. */
  access(): ServerAccess;
  /** What was approved for the session; null: nobody can approve anything. */
  readonly memory: SessionMemory | null;
  tell(note: StartupNote): void;
  /** For the person. */
  warn(message: string): void;
  ask(server: string, question: ServerQuestion): Promise<ServerReply>;
}

export interface McpServer {
  readonly config: McpServerConfig;
  readonly status: ServerStatus;
  /** Why it is not connected, as behind `MCP client for …`; null: it is, or may be soon. */
  readonly error: string | null;
  /** The last one; it may be closed. */
  readonly connection: McpConnection | null;
  /** How its process reaches the network if its requests are judged. */
  readonly network: ServerPermissions['network'];
  /** The permissions that its profile gives now are not those with which it was started last. */
  readonly outdated: boolean;
  /** Begins to start it, and again if it has ended since. */
  start(): void;
  /** As `start`, also after a failure. */
  retry(): void;
  /** Resolves when it has started, or has failed to. Never rejects. */
  settled(): Promise<void>;
  /** Reports when the server waits for a person, and when it does no more. Returns what ends the reports. */
  watchQuestions(watcher: (open: boolean) => void): () => void;
  /** It did what it was asked: it works. */
  answered(): void;
  /** Ends it, within about a second. Never rejects. */
  close(): Promise<void>;
}

/** Starts in a row without an answered call. */
const MAX_STARTS = 4;

export function createMcpServer(config: McpServerConfig, daemon: McpDaemon, host: McpServerHost): McpServer {
  const { name } = config;
  const { counts } = daemon;
  const kind = config.permissions === null ? 'none' : 'profile';
  const gone = new AbortController();
  const log = daemon.log;
  const about = host.threadId === null ? {} : { thread: host.threadId };
  let status: ServerStatus = 'notStarted';
  let error: string | null = null;
  let connection: McpConnection | null = null;
  let starting: Promise<void> = Promise.resolve();
  let starts = 0;
  let begun = false;
  let ended: Promise<void> | null = null;
  let started: ServerPermissions | null = null;
  /** With which access token the server wanted a login; null: with none. */
  let refusedToken: string | null = null;

  const questions = questionWatch((question) => host.ask(name, question));

  const become = (next: ServerStatus, why: string | null): void => {
    status = next;
    error = why;
  };
  const tell = (
    note: StartupNote['status'],
    why: string | null = null,
    failureReason: StartupNote['failureReason'] = null,
  ): void => host.tell({ name, environmentId: null, status: note, error: why, failureReason });

  /** Counts it as running until it ends. */
  let ran = (): void => {};
  const running = (): void => {
    counts.running[kind]++;
    ran = () => {
      counts.running[kind]--;
      ran = () => {};
    };
  };

  const failedWith = (opened: Opened & { readonly ok: false }): void => {
    counts.failed[kind]++;
    const failure = startFailure(config, opened);
    become(failure.status, `MCP startup failed: ${opened.cause}`);
    refusedToken = daemon.logins.stored(config);
    log.warn(failure.line, about);
    tell('failed', failure.text, failure.reason);
  };

  const nextStray = createSparse();
  /** The last request that was refused while it started. */
  let refusedAtStart: NetworkDenial | null = null;
  const stray = (denial: NetworkDenial): void => {
    counts.denials.outside[kind]++;
    if (status === 'starting') refusedAtStart = denial;
    const number = nextStray();
    if (number === null) return;
    const count = number === 1 ? '' : ` (${number} such requests)`;
    host.warn(`The MCP server \`${name}\` sent a network request outside of a call${count}. ${denial.message}`);
  };

  const open = async (): Promise<void> => {
    const works = createServerWorks({ owner: serverOwner(name, host.threadId), memory: host.memory, stray });
    refusedAtStart = null;
    try {
      started = serverPermissions(config, host.access());
      const opened = await openServer(config, daemon, {
        cwd: host.cwd,
        threadId: host.threadId,
        permissions: started.permissions,
        works,
        gone: gone.signal,
        events: {
          ask: questions.ask,
          toolsChanged: () => log.info(`MCP server ${name} has other tools now`, about),
          report: (message) => log.debug(`MCP server ${name}: ${message}`, about),
          lost() {
            works.close();
            ran();
            if (gone.signal.aborted) return;
            become('failed', 'Transport closed');
            log.warn(`MCP server ${name} has ended; it is started again when it is needed`, about);
          },
        },
      });
      if (!opened.ok) return failedWith(withRefused(opened, refusedAtStart));
      connection = countedCalls(opened.connection, (end) => {
        counts.calls[end][kind]++;
        if (end === 'denied') counts.denials.call[kind]++;
      });
      if (connection.closed) return become('failed', 'Transport closed');
      become('connected', null);
      running();
      tell('ready');
    } catch (cause) {
      if (gone.signal.aborted) {
        become('cancelled', null);
        return tell('cancelled');
      }
      if (cause instanceof ConfigError) return failedWith({ ok: false, cause: cause.message, kind: 'failed' });
      log.error(...describe(`MCP server ${name} cannot be started`, cause, about));
      failedWith({ ok: false, cause: 'the daemon could not start it: its log has the reason', kind: 'failed' });
    }
  };
  const begin = (): void => {
    starts++;
    counts.started[kind]++;
    if (begun) counts.restarted[kind]++;
    begun = true;
    become('starting', null);
    tell('starting');
    starting = open();
  };

  return {
    config,
    get status() {
      return status;
    },
    get error() {
      return error;
    },
    get connection() {
      return connection;
    },
    get network() {
      return started?.network ?? { kind: 'offline' };
    },
    get outdated() {
      if (started === null || config.permissions === null) return false;
      try {
        return !isDeepStrictEqual(serverPermissions(config, host.access()), started);
      } catch {
        return true; // Its next start says why the profile cannot be used.
      }
    },
    start() {
      if (ended !== null || status === 'starting') return;
      const lost = connection?.closed === true && status === 'failed' && starts < MAX_STARTS;
      // Somebody has logged in meanwhile: here, in another daemon, or with the official program.
      const loggedIn = status === 'authenticationRequired' && daemon.logins.stored(config) !== refusedToken;
      if (status === 'notStarted' || lost || loggedIn) begin();
    },
    retry() {
      if (ended !== null || status === 'starting' || status === 'connected') return;
      starts = 0;
      begin();
    },
    settled: () => starting,
    watchQuestions: (watcher) => questions.watch(watcher),
    answered() {
      starts = 1;
    },
    close() {
      ended ??= (async () => {
        const early = status === 'starting';
        // A server that shakes hands is ended at once; one that works may say goodbye.
        if (early) gone.abort(new Error('the MCP server is not needed any more'));
        await starting;
        await connection?.close();
        ran();
        gone.abort(new Error('the MCP server was ended'));
        if (!early && status === 'connected') become('cancelled', null);
      })();
      return ended;
    },
  };
}

/** A program that cannot reach what it needs often ends, or waits: the reason is the refusal. */
const withRefused = (opened: Opened & { readonly ok: false }, refused: NetworkDenial | null): typeof opened =>
  refused === null ? opened : { ...opened, cause: `${opened.cause}. ${refused.message}` };
