/** One client's connection, from its first byte to its last: the handshake, its inbox and outbox, and its Caller. */
import type { ServerRequestMethod, ServerRequestParams, ServerRequestResult } from '../../../schema/registry.js';
import { RpcCode } from '../../errors/codes.js';
import { setMaxListeners } from 'node:events';
import { decodeServerRequestResult } from '../wire/decode.js';
import type { Logger } from '../../log/log.js';
import { createSparse } from '../../log/log-sparse.js';
import type { Caller, ClientIdentity } from './caller.js';
import type { Admission, ClientPipe, ClientPipeListener } from './client-pipe.js';
import { encodeBytesNotification, encodeError, encodeNotification, type Encoded } from '../wire/encode.js';
import { Engine } from './engine.js';
import { internalError, RpcError, unusableAnswer } from '../../errors/rpc-error.js';
import type { Inbox, Ingress } from './ingress.js';
import { parseMessage } from '../wire/parse-message.js';
import { Outbox, type OutboxLimits } from './connection-outbox.js';
import type { RequestIds } from '../wire/request-ids.js';
import type { Route, RoutedConnection } from './router.js';
import { NO_HANDSHAKE, type Handshake } from './handshake.js';

/** What all connections of a server share. */
export interface ConnectionOptions {
  readonly ingress: Ingress;
  readonly route: Route;
  readonly requestIds: RequestIds;
  readonly log: Logger;
  readonly outboxLimits: OutboxLimits;
  /** Called once, one turn after the successful `initialize` answer has gone to the transport. */
  readonly onReady: (connection: Connection) => void;
  readonly onAnswered: () => void;
  readonly onEnded: (connection: Connection) => void;
}

/** The number of requests of one connection that may run at once. Further requests are refused as with a full queue. */
const MAX_IN_FLIGHT = 4096;
/** Above this number of waiting messages, the connection stops reading until half of them have begun. */
const MAX_WAITING = 512;

/**
 * A class, and the Caller itself: many clients may connect at once, and a function of its own for each thing that a
 * connection can do costs more memory than its state.
 */
export class Connection implements ClientPipeListener, Caller, RoutedConnection {
  readonly connectionId: number;
  readonly transport: Caller['transport'];
  /** What let the client in; null: no listener asked. */
  readonly via: Admission | null;
  readonly peer: string | null;
  readonly connectedAtMs = Date.now();
  readonly #options: ConnectionOptions;
  readonly #pipe: ClientPipe;
  readonly #outbox: Outbox;
  readonly #engine: Engine;
  readonly #inbox: Inbox;
  #handshake: Handshake = NO_HANDSHAKE;
  #pendingHandshake: Handshake | null = null;
  #isGone = false;
  #isClosed = false;
  #closed: AbortController | null = null;
  #isReadingStopped = false;
  #isPaused = false;
  /** The methods of the requests without an answer. */
  #pending: string[] = [];
  #complaints: ((reason: string) => void) | null = null;

  constructor(id: number, pipe: ClientPipe, options: ConnectionOptions) {
    this.connectionId = id;
    this.transport = pipe.transport;
    this.via = pipe.via ?? null;
    this.peer = pipe.peer ?? null;
    this.#pipe = pipe;
    this.#options = options;
    this.#outbox = new Outbox(pipe, () => this.#regulate(), options.outboxLimits);
    this.#engine = new Engine({
      handle: (method, params, context) => options.route(this, method, params, context),
      send: (message) => this.#outbox.message(message),
      answered: (_requestId, method) => this.#answered(method),
      complain: (message) => options.log.error(message, { connection: id }),
    });
    this.#inbox = options.ingress.inbox((message) => {
      if (message.kind === 'request' && message.method === 'initialize') this.#inbox.hold();
      this.#engine.deliver(message);
      this.#regulate();
    });
  }

  get caller(): Caller {
    return this;
  }

  get handshake(): Handshake {
    return this.#handshake;
  }

  get client(): ClientIdentity {
    return this.#handshake.client;
  }

  get experimentalApi(): boolean {
    return this.#handshake.experimentalApi;
  }

  get capabilities(): Caller['capabilities'] {
    return this.#handshake.capabilities;
  }

  /** Made for the first who asks: most clients end before anybody does, and a signal and its end are expensive. */
  get closed(): AbortSignal {
    if (this.#closed === null) {
      this.#closed = new AbortController();
      // Each command of this connection adds a listener, and a connection may run any number of commands.
      setMaxListeners(0, this.#closed.signal);
      if (this.#isClosed) this.#closed.abort();
    }
    return this.#closed.signal;
  }

  /** The handshake takes effect when the answer is sent. */
  agreed(next: Handshake): void {
    this.#pendingHandshake = next;
  }

  receive(text: string, bytes: number): void {
    if (this.#isGone || this.#isReadingStopped) return;
    const message = parseMessage(text);
    if (message.kind === 'junk') return this.dropped(message.reason);
    if (message.kind === 'refused') {
      this.dropped(message.reason);
      this.#outbox.message(encodeError(message.id, { code: RpcCode.invalidRequest, message: message.reason }));
      return;
    }
    // `initialized` is optional and has no effect; the protocol has no other notification (docs/protocol/transport.md
    // §2).
    if (message.kind === 'notification') return;
    if (message.kind === 'request') {
      if (this.#engine.inFlight() >= MAX_IN_FLIGHT || !this.#inbox.offer(message, bytes)) {
        this.#outbox.message(encodeError(message.id, { code: OVERLOADED.rpcCode, message: OVERLOADED.message }));
        return;
      }
      this.#pending.push(message.method);
    } else this.#inbox.offer(message, bytes);
    this.#regulate();
  }

  /**
   * Junk gets no answer, because strict clients end at an answer without an id. The log gets the reason, at a limited
   * rate.
   */
  dropped(reason: string): void {
    this.#complaints ??= createComplaints(this.#options.log, this.connectionId);
    this.#complaints(reason);
  }

  ended(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#inbox.discard();
    this.#pending = [];
    this.#outbox.end();
    this.#engine.dispose();
    this.abandon();
    this.#options.onEnded(this);
  }

  notify(method: string, params: unknown): void {
    if (this.#wants(method)) this.#outbox.notification(encodeNotification(method, params));
  }

  notifyBytes(method: string, params: object, key: string, bytes: Buffer): void {
    if (this.#wants(method)) this.#outbox.notification(encodeBytesNotification(method, params, key, bytes));
  }

  /** Sends bytes that other connections may share, unless this client opted out or has not initialized. */
  notifyEncoded(method: string, message: Encoded): void {
    if (this.#wants(method)) this.#outbox.notification(message);
  }

  async request<M extends ServerRequestMethod>(
    method: M,
    params: ServerRequestParams<M>,
    {
      signal,
      sent,
      id = this.#options.requestIds.next(),
    }: { signal?: AbortSignal; id?: number; sent?: (id: number) => void } = {},
  ): Promise<ServerRequestResult<M>> {
    if (this.#isGone) throw internalError(`${method} cannot be asked: the connection has ended`);
    const answered = this.#engine.request(id, method, params, signal);
    if (signal?.aborted !== true) sent?.(id);
    const answer = decodeServerRequestResult(method, await answered);
    if (!answer.ok) throw unusableAnswer(method, answer.message);
    return answer.params as never;
  }

  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** The methods of the requests that wait or run. */
  pending(): readonly string[] {
    return [...new Set(this.#pending)];
  }

  flushed(): Promise<void> {
    return this.#outbox.flushed();
  }

  /** Reads no further messages from the client; requests received before are still answered. */
  stopReading(): void {
    this.#isReadingStopped = true;
  }

  /** Notifies handlers that the client is leaving (`caller.closed`). Their answers are still sent. */
  abandon(): void {
    this.#isClosed = true;
    this.#closed?.abort();
  }

  close(code: number, reason: string): void {
    this.#pipe.close(code, reason);
  }

  #wants(method: string): boolean {
    return this.#handshake.state === 'ready' && !this.#handshake.optedOut.has(method) && !this.#isGone;
  }

  #answered(method: string): void {
    if (method === 'initialize') return this.#handshakeAnswered();
    this.#forget(method);
    this.#options.onAnswered();
  }

  #handshakeAnswered(): void {
    const isReady = this.#pendingHandshake !== null;
    this.#handshake = this.#pendingHandshake ?? this.#handshake;
    this.#pendingHandshake = null;
    // The client receives its answer before the code loads that everything else needs. Until then the request is
    // pending.
    setImmediate(() => {
      if (this.#isGone) return;
      this.#forget('initialize');
      if (isReady) this.#options.onReady(this);
      this.#inbox.release();
      this.#options.onAnswered();
    });
  }

  #forget(method: string): void {
    const at = this.#pending.indexOf(method);
    if (at >= 0) this.#pending.splice(at, 1);
  }

  /** Pauses or resumes reading, by the amount of waiting messages of this client. */
  #regulate(): void {
    const limit = this.#isPaused ? MAX_WAITING / 2 : MAX_WAITING;
    const wait = this.#inbox.size() > limit || this.#outbox.congested();
    if (wait === this.#isPaused || this.#isGone) return;
    this.#isPaused = wait;
    if (wait) this.#pipe.pause();
    else this.#pipe.resume();
  }
}

const OVERLOADED = new RpcError('request.overloaded', 'Server overloaded; retry later.');

/** `dropped` of one connection, which few ever call. */
function createComplaints(log: Logger, connection: number): (reason: string) => void {
  const next = createSparse();
  return (reason) => {
    const dropped = next();
    if (dropped === null) return;
    log.error(`dropped a message that is not of the protocol: ${reason}`, { connection, dropped });
  };
}
