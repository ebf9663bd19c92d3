/** The RPC part of the daemon: accepts connections from every transport and calls the handlers. */
import type { NotificationParams, ServerNotificationMethod } from '../../schema/registry.js';
import type { Logger } from '../log/log.js';
import { countHolders } from '../system/programs/descriptors.js';
import type { Authenticator, WebSocketAuth } from './transports/auth.js';
import type { Caller } from './connection/caller.js';
import { CloseCode, type Admission, type ClientPipe, type ClientPipeListener } from './connection/client-pipe.js';
import type { OpenConsole } from './console/open-console.js';
import { Connection, type ConnectionOptions } from './connection/connection.js';
import { encodeNotification, type Encoded } from './wire/encode.js';
import { createOpenQuestions, type OpenQuestions } from './connection/open-questions.js';
import { createIngress, type IngressLimits } from './connection/ingress.js';
import type { Readiness } from './transports/http-rules.js';
import type { MetricsPage } from './transports/http-pages.js';
import type { Listener } from './transports/listener.js';
import { OUTBOX_LIMITS, type OutboxLimits } from './connection/connection-outbox.js';
import { createRequestIds } from './wire/request-ids.js';
import { invalidRequest } from '../errors/rpc-error.js';
import { createRefusals, type RefusalReason } from './transports/refusals.js';
import { createRouter, type RouterOptions } from './connection/router.js';
import { openStdio, type Stdio } from './transports/stdio.js';

export interface RpcServerOptions extends RouterOptions {
  /** Runs after the client has received its `initialize` answer: for notifications that follow it (configWarning). */
  readonly afterInitialized?: (caller: Caller) => void;
  /**
   * Methods that answer only after an event outside the daemon (a command's end). At shutdown they are interrupted at
   * once, while every other request is finished first.
   */
  readonly interruptible: ReadonlySet<string>;
  /** The text of `/metrics`; absent: no such page. */
  readonly metrics?: MetricsPage;
  /** The state for `/readyz`; absent: always ready. */
  readonly readiness?: Readiness;
  readonly log: Logger;
  readonly ingressLimits?: IngressLimits;
  readonly outboxLimits?: OutboxLimits;
}

export interface RpcServer {
  /**
   * Serves the client on standard input and output. Calls `onEnd` when the input has ended or nobody reads the output.
   */
  attachStdio(onEnd: () => void, streams?: Stdio): void;
  /** Throws StartError (server/errors/start-error.ts). */
  listenTcp(options: {
    host: string;
    port: number;
    auth: WebSocketAuth | null;
    /** Further origins of the console, on a listener that serves it; null: it does not. */
    console?: readonly string[] | null;
  }): Promise<{ readonly address: string; readonly console: OpenConsole | null }>;
  /** `group`: the number of a group; its members may connect too. Throws StartError. */
  listenUnix(path: string, group?: number | null): Promise<void>;
  /**
   * Reads the files with credentials again. Throws StartError when one cannot be used; the previous credentials then
   * stay in force.
   */
  reload(): Promise<void>;
  /** The number of refused connections, by reason. */
  refused(): Readonly<Record<RefusalReason, number>>;
  /**
   * Fresh links to the consoles of this daemon's listeners. Throws RpcError for a client that must not have one, and
   * when there is no console.
   */
  consoleLinks(caller: Caller): readonly string[];
  /** The open questions to people. */
  readonly questions: OpenQuestions;
  /** Every connection, the oldest first, also those that have not initialized. */
  connections(): readonly ConnectionFacts[];
  /** Calls `changed` when a connection comes, initializes or ends. */
  watchConnections(changed: () => void): () => void;
  /** Serves one more client over a pipe that the caller made (tests, clients in this process). */
  accept(pipe: ClientPipe): ClientPipeListener;

  /**
   * Notifies every initialized connection that has not opted out (docs/protocol/transport.md §8). Encodes the message
   * once.
   */
  broadcast<M extends ServerNotificationMethod>(
    method: M,
    params: NotificationParams<M>,
    options?: { readonly experimental?: boolean },
  ): void;
  /** Like broadcast, for these connections only: a thread's subscribers. */
  multicast<M extends ServerNotificationMethod>(
    callers: Iterable<Caller>,
    method: M,
    params: NotificationParams<M>,
  ): void;
  /** Encodes a notification for any number of later deliveries. `sequence`: see encode.ts. */
  encode<M extends ServerNotificationMethod>(
    method: M,
    params: NotificationParams<M>,
    sequence?: number,
  ): EncodedNotification;
  /** Sends to these connections, unless they opted out of the method. */
  deliver(callers: Iterable<Caller>, notification: EncodedNotification): void;
  /** The initialized connections, oldest first. */
  callers(): readonly Caller[];
  /** How many requests of clients wait or run. */
  inFlight(): number;
  /** Returns an id for a server request that several connections receive (Caller.request, `options.id`). */
  nextRequestId(): number;

  /**
   * Ends all connections, in bounded time. Accepts no new connections or requests, answers earlier requests, ends
   * interruptible requests and `stopWork` (turns, commands), and sends the last messages. WebSockets close with 1001.
   */
  shutdown(stopWork?: () => Promise<void>): Promise<void>;
}

/** What is known about one connection. */
export interface ConnectionFacts {
  readonly caller: Caller;
  readonly ready: boolean;
  readonly peer: string | null;
  readonly connectedAtMs: number;
}

/** One notification, encoded once. */
export interface EncodedNotification {
  readonly method: string;
  readonly message: Encoded;
}

/** How long unanswered requests may take at shutdown. */
const ANSWER_LIMIT_MS = 2_000;
/** How long commands and turns may take to end after they are interrupted. */
const STOP_LIMIT_MS = 3_000;
/** How long clients may take to read their last messages. The reader of a pipe can be a busy program. */
const FLUSH_LIMIT_MS = { stdio: 5_000, websocket: 1_000, unix: 1_000 } as const;
/** How long clients may take to answer the close frame. */
const CLOSE_LIMIT_MS = 250;

export function createRpcServer(options: RpcServerOptions): RpcServer {
  const { log } = options;
  const ingress = createIngress(options.ingressLimits);
  const requestIds = createRequestIds();
  const route = createRouter(options);
  const connections = new Map<number, Connection>();
  const connectionWatchers = new Set<() => void>();
  const audienceChanged = (): void => connectionWatchers.forEach((watcher) => watcher());
  const questions = createOpenQuestions(log);
  const uncount = countHolders('clients', () => connections.size);
  const listeners: Listener[] = [];
  const consoles: OpenConsole[] = [];
  const authenticators: Authenticator[] = [];
  const refusals = createRefusals(log);
  const { metrics = null, readiness } = options;
  const pages = { metrics, refusals, ...(readiness && { readiness }) };
  let connectionIds = 0;
  /** Called whenever a request is answered or a connection ends. */
  const watchers = new Set<() => void>();
  const changed = (): void => watchers.forEach((look) => look());

  const until = (condition: () => boolean, limitMs: number): Promise<void> => {
    if (condition()) return Promise.resolve();
    const reached = new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
    });
    return bounded(reached, limitMs);
  };
  const all = (): Connection[] => [...connections.values()];
  const ready = (): Connection[] => all().filter(({ handshake }) => handshake.state === 'ready');

  const shared: ConnectionOptions = {
    ingress,
    route,
    requestIds,
    log,
    outboxLimits: options.outboxLimits ?? OUTBOX_LIMITS,
    onReady(connection) {
      const { connectionId, transport, client } = connection;
      log.info('client initialized', {
        connection: connectionId,
        transport,
        client: client.name,
        version: client.version,
      });
      options.afterInitialized?.(connection);
      audienceChanged();
    },
    onAnswered: changed,
    onEnded({ connectionId, transport, client, connectedAtMs }) {
      connections.delete(connectionId);
      audienceChanged();
      const seconds = Math.round((Date.now() - connectedAtMs) / 1000);
      log.info('client left', { connection: connectionId, transport, client: client.name, seconds });
      changed();
    },
  };
  const accept = (pipe: ClientPipe): ClientPipeListener => {
    const id = connectionIds++;
    const connection = new Connection(id, pipe, shared);
    connections.set(id, connection);
    audienceChanged();
    log.info('client connected', { connection: id, transport: pipe.transport });
    return connection;
  };

  return {
    accept,
    questions,
    connections: () =>
      all().map(({ caller, handshake, peer, connectedAtMs }) => ({
        caller,
        ready: handshake.state === 'ready',
        peer,
        connectedAtMs,
      })),
    watchConnections(watcher) {
      connectionWatchers.add(watcher);
      return () => void connectionWatchers.delete(watcher);
    },
    attachStdio(onEnd, streams = { input: process.stdin, output: process.stdout }) {
      openStdio(streams, accept, onEnd);
    },
    async listenTcp({ host, port, auth, console: origins = null }) {
      const { listenTcp } = await import('./transports/listener.js');
      const { loadAuthenticator } = await import('./transports/auth.js');
      const authenticator = auth && (await loadAuthenticator(auth));
      const authenticate = authenticator && authenticator.authenticate;
      const console = origins && (await import('./console/open-console.js')).openConsole(host, origins, authenticate);
      const listener = await listenTcp({
        host,
        port,
        authenticate,
        accept,
        ...pages,
        ...(console && { console: console.door }),
      });
      console?.listening(listener.host, listener.port);
      if (console) consoles.push(console);
      if (authenticator) authenticators.push(authenticator);
      listeners.push(listener);
      return { address: listener.address, console };
    },
    async listenUnix(path, group = null) {
      const { listenUnix } = await import('./transports/unix-socket.js');
      listeners.push(await listenUnix({ path, accept, group, ...pages }));
    },
    async reload() {
      await Promise.all(authenticators.map(({ reload }) => reload()));
      for (const { credentialsRead } of consoles) credentialsRead();
    },
    consoleLinks({ connectionId }) {
      const via = connections.get(connectionId)?.via;
      if (via !== null) throw invalidRequest(NO_LINK[via ?? 'console']);
      if (consoles.length === 0)
        throw invalidRequest('no listener serves the console: start `codexd app-server` with --console');
      return consoles.map(({ link }) => link());
    },
    refused: () => refusals.counts(),
    broadcast(method, params, { experimental = false } = {}) {
      const audience = ready().filter(({ handshake }) => !experimental || handshake.experimentalApi);
      if (!audience.length) return;
      const message = encodeNotification(method, params);
      for (const connection of audience) connection.notifyEncoded(method, message);
    },
    multicast(callers, method, params) {
      let message;
      for (const { connectionId } of callers) {
        message ??= encodeNotification(method, params);
        connections.get(connectionId)?.notifyEncoded(method, message);
      }
    },
    encode: (method, params, sequence) => ({
      method,
      message: encodeNotification(method, params, undefined, sequence),
    }),
    deliver(callers, { method, message }) {
      for (const { connectionId } of callers) connections.get(connectionId)?.notifyEncoded(method, message);
    },
    callers: () => ready().map(({ caller }) => caller),
    inFlight: () => all().reduce((sum, connection) => sum + connection.pending().length, 0),
    nextRequestId: () => requestIds.next(),

    async shutdown(stopWork) {
      uncount();
      const closed = listeners.map((listener) => listener.close());
      all().forEach((connection) => connection.stopReading());
      await bounded(ingress.idle(), ANSWER_LIMIT_MS);
      await until(
        () => all().every((connection) => connection.pending().every((method) => options.interruptible.has(method))),
        ANSWER_LIMIT_MS,
      );
      all().forEach((connection) => connection.abandon());
      await Promise.all([
        stopWork && bounded(stopWork(), STOP_LIMIT_MS),
        until(() => all().every((connection) => connection.pending().length === 0), STOP_LIMIT_MS),
      ]);
      await Promise.all(all().map((connection) => bounded(connection.flushed(), FLUSH_LIMIT_MS[connection.transport])));
      all().forEach((connection) => connection.close(CloseCode.goingAway, 'the server is ending'));
      await until(() => connections.size === 0, CLOSE_LIMIT_MS);
      await bounded(Promise.all(closed), CLOSE_LIMIT_MS);
    },
  };
}

/** A link leads to a session of its own, which must not outlive what let its maker in. */
const NO_LINK: Readonly<Record<Admission, string>> = {
  console: 'a session of the console makes no links: `codexd console` prints one',
  credential: 'a client with a credential of `--ws-auth` gets no link: sign in to the console with that credential',
};

/** Settles with the work or after the limit, whichever is first. Ignores errors of the work; the work reports them. */
async function bounded(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  try {
    await Promise.race([work, limit]);
  } catch {
    // A failed end also counts as an end.
  } finally {
    clearTimeout(timer);
  }
}
