/** The rpc side of the daemon as one thing: connections over any transport in, calls of handlers out. */
import type { NotificationParams, ServerNotificationMethod } from '../../schema/registry.js';
import type { Logger } from '../log/log.js';
import { countHolders } from '../system/programs/descriptors.js';
import type { Authenticator, WebSocketAuth } from './transports/auth.js';
import type { Caller } from './connection/caller.js';
import { CloseCode, type Channel, type ChannelListener } from './connection/channel.js';
import { createConnection, type Connection } from './connection/connection.js';
import { encodeNotification, type Encoded } from './wire/encode.js';
import { createIngress, type IngressLimits } from './connection/ingress.js';
import type { Readiness } from './transports/http-rules.js';
import type { Listener, MetricsPage } from './transports/listener.js';
import { OUTBOX_LIMITS, type OutboxLimits } from './connection/outbox.js';
import { createRequestIds } from './wire/request-ids.js';
import { createRefusals, type RefusalReason } from './transports/refusals.js';
import { createRouter, type RouterOptions } from './connection/router.js';
import { openStdio, type Stdio } from './transports/stdio.js';

export interface RpcServerOptions extends RouterOptions {
  /** The client has its `initialize` answer: the place for notifications that follow it (configWarning). */
  readonly afterInitialized?: (caller: Caller) => void;
  /**
   * Methods whose answer waits for something outside the daemon (a command's end). When the daemon ends they are told
   * to stop at once, while every other request is finished first.
   */
  readonly interruptible: ReadonlySet<string>;
  /** The text of `/metrics`; absent: there is none. */
  readonly metrics?: MetricsPage;
  /** What `/readyz` says; absent: always ready. */
  readonly readiness?: Readiness;
  readonly log: Logger;
  readonly ingressLimits?: IngressLimits;
  readonly outboxLimits?: OutboxLimits;
}

export interface RpcServer {
  /** Serves the client at the other end of standard input and output. `onEnd`: no more input, or nobody reads. */
  attachStdio(onEnd: () => void, streams?: Stdio): void;
  /** Throws StartError (server/errors/start-error.ts). */
  listenTcp(options: { host: string; port: number; auth: WebSocketAuth | null }): Promise<{ readonly address: string }>;
  /** `group`: the number of the group whose members may connect too. Throws StartError. */
  listenUnix(path: string, group?: number | null): Promise<void>;
  /**
   * Reads the files with credentials again. Throws StartError when one cannot be used; what it said before holds then.
   */
  reload(): Promise<void>;
  /** Who was turned away, by reason. */
  refused(): Readonly<Record<RefusalReason, number>>;
  /** Serves one more client over a channel of the caller's own (tests, clients in this process). */
  accept(channel: Channel): ChannelListener;

  /**
   * To every initialized connection that has not opted out (docs/protocol/transport.md §8); written once, sent to all.
   */
  broadcast<M extends ServerNotificationMethod>(
    method: M,
    params: NotificationParams<M>,
    options?: { readonly experimental?: boolean },
  ): void;
  /** The same to these connections only: a thread's subscribers. */
  multicast<M extends ServerNotificationMethod>(
    callers: Iterable<Caller>,
    method: M,
    params: NotificationParams<M>,
  ): void;
  /** A notification as bytes, to be delivered any number of times, now or later. `sequence`: see encode.ts. */
  encode<M extends ServerNotificationMethod>(
    method: M,
    params: NotificationParams<M>,
    sequence?: number,
  ): EncodedNotification;
  /** To these connections, unless they opted out of the method. */
  deliver(callers: Iterable<Caller>, notification: EncodedNotification): void;
  /** The initialized connections, oldest first. */
  callers(): readonly Caller[];
  /** An id for a server request that several connections get (Caller.request, `options.id`). */
  nextRequestId(): number;

  /**
   * Ends the daemon's side of everything, in bounded time: no new connections or requests; what was asked is answered;
   * interruptible requests and `stopWork` (turns, commands) end; the last messages go out; WebSockets close with 1001.
   */
  shutdown(stopWork?: () => Promise<void>): Promise<void>;
}

/** One notification, written once. */
export interface EncodedNotification {
  readonly method: string;
  readonly message: Encoded;
}

/** How long unanswered requests may take once the daemon ends. */
const ANSWER_LIMIT_MS = 2_000;
/** How long commands and turns may take to end when told to. */
const STOP_LIMIT_MS = 3_000;
/** How long clients may take to read their last messages: a pipe's reader may well be a program that is busy. */
const FLUSH_LIMIT_MS = { stdio: 5_000, websocket: 1_000, unix: 1_000 } as const;
/** How long clients may take to answer the close frame. */
const CLOSE_LIMIT_MS = 250;

export function createRpcServer(options: RpcServerOptions): RpcServer {
  const { log } = options;
  const ingress = createIngress(options.ingressLimits);
  const requestIds = createRequestIds();
  const route = createRouter(options);
  const connections = new Map<number, Connection>();
  const uncount = countHolders('clients', () => connections.size);
  const listeners: Listener[] = [];
  const authenticators: Authenticator[] = [];
  const refusals = createRefusals(log);
  const { metrics = null, readiness } = options;
  const pages = { metrics, refusals, ...(readiness && { readiness }) };
  let connectionIds = 0;
  /** Called whenever a request was answered or a connection ended. */
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
  const ready = (): Connection[] => all().filter(({ session }) => session.state === 'ready');

  const accept = (channel: Channel): ChannelListener => {
    const id = connectionIds++;
    const openedAt = Date.now();
    const connection = createConnection({
      id,
      channel,
      ingress,
      route,
      requestIds,
      log,
      outboxLimits: options.outboxLimits ?? OUTBOX_LIMITS,
      onReady(caller) {
        const { name, version } = caller.client;
        log.info('client initialized', { connection: id, transport: channel.transport, client: name, version });
        options.afterInitialized?.(caller);
      },
      onAnswered: changed,
      onEnded() {
        connections.delete(id);
        const { name } = connection.caller.client;
        const seconds = Math.round((Date.now() - openedAt) / 1000);
        log.info('client left', { connection: id, transport: channel.transport, client: name, seconds });
        changed();
      },
    });
    connections.set(id, connection);
    log.info('client connected', { connection: id, transport: channel.transport });
    return connection;
  };

  return {
    accept,
    attachStdio(onEnd, streams = { input: process.stdin, output: process.stdout }) {
      openStdio(streams, accept, onEnd);
    },
    async listenTcp({ host, port, auth }) {
      const { listenTcp } = await import('./transports/listener.js');
      const { loadAuthenticator } = await import('./transports/auth.js');
      const authenticator = auth && (await loadAuthenticator(auth));
      const authenticate = authenticator && authenticator.authenticate;
      const listener = await listenTcp({ host, port, authenticate, accept, ...pages });
      if (authenticator) authenticators.push(authenticator);
      listeners.push(listener);
      return { address: listener.address };
    },
    async listenUnix(path, group = null) {
      const { listenUnix } = await import('./transports/unix-socket.js');
      listeners.push(await listenUnix({ path, accept, group, ...pages }));
    },
    reload: async () => void (await Promise.all(authenticators.map(({ reload }) => reload()))),
    refused: () => refusals.counts(),
    broadcast(method, params, { experimental = false } = {}) {
      const audience = ready().filter(({ session }) => !experimental || session.experimentalApi);
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
      await Promise.all(all().map(({ caller, flushed }) => bounded(flushed(), FLUSH_LIMIT_MS[caller.transport])));
      all().forEach((connection) => connection.close(CloseCode.goingAway, 'the server is ending'));
      await until(() => connections.size === 0, CLOSE_LIMIT_MS);
      await bounded(Promise.all(closed), CLOSE_LIMIT_MS);
    },
  };
}

/** Settles with the work, or after the limit, whichever is first. Errors of the work are the work's own to report. */
async function bounded(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  try {
    await Promise.race([work, limit]);
  } catch {
    // An end that fails is an end.
  } finally {
    clearTimeout(timer);
  }
}
