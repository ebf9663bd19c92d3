/** One client's connection, from its first byte to its last: the handshake, its inbox and outbox, and its Caller. */
import { RpcCode } from '../../errors/codes.js';
import { setMaxListeners } from 'node:events';
import { decodeServerRequestResult } from '../wire/decode.js';
import type { Logger } from '../../log/log.js';
import { createSparse } from '../../log/log-sparse.js';
import type { Caller } from './caller.js';
import type { Admission, ClientPipe, ClientPipeListener } from './client-pipe.js';
import { encodeBytesNotification, encodeError, encodeNotification, type Encoded } from '../wire/encode.js';
import { createEngine } from './engine.js';
import { internalError, RpcError, unusableAnswer } from '../../errors/rpc-error.js';
import type { Inbox, Ingress } from './ingress.js';
import { parseMessage } from '../wire/parse-message.js';
import { createOutbox, type Outbox, type OutboxLimits } from './connection-outbox.js';
import type { RequestIds } from '../wire/request-ids.js';
import type { Route } from './router.js';
import { NO_HANDSHAKE, type Handshake } from './handshake.js';

export interface ConnectionOptions {
  readonly id: number;
  readonly pipe: ClientPipe;
  readonly ingress: Ingress;
  readonly route: Route;
  readonly requestIds: RequestIds;
  readonly log: Logger;
  readonly outboxLimits: OutboxLimits;
  /** Called once, one turn after the successful `initialize` answer has gone to the transport. */
  readonly onReady: (caller: Caller) => void;
  readonly onAnswered: () => void;
  readonly onEnded: () => void;
}

export interface Connection extends ClientPipeListener {
  readonly id: number;
  readonly caller: Caller;
  /** What let the client in; null: no listener asked. */
  readonly via: Admission | null;
  /** Sends bytes that other connections may share, unless this client opted out or has not initialized. */
  notifyEncoded(method: string, message: Encoded): void;
  readonly handshake: Handshake;
  /** The methods of the requests that wait or run. */
  pending(): readonly string[];
  flushed(): Promise<void>;
  /** Reads no further messages from the client; requests received before are still answered. */
  stopReading(): void;
  /** Notifies handlers that the client is leaving (`caller.closed`). Their answers are still sent. */
  abandon(): void;
  close(code: number, reason: string): void;
}

/** The number of requests of one connection that may run at once. Further requests are refused as with a full queue. */
const MAX_IN_FLIGHT = 4096;
/** Above this number of waiting messages, the connection stops reading until half of them have begun. */
const MAX_WAITING = 512;

export function createConnection(options: ConnectionOptions): Connection {
  const { id, pipe, log, requestIds } = options;
  const closed = new AbortController();
  // Each command of this connection adds a listener, and a connection may run any number of commands.
  setMaxListeners(0, closed.signal);
  let handshake: Handshake = NO_HANDSHAKE;
  let pendingHandshake: Handshake | undefined;
  let gone = false;
  let readingStopped = false;
  const methods = new Map<string, number>(); // unanswered requests by method

  const outbox: Outbox = createOutbox(pipe, () => regulate(), options.outboxLimits);
  const engine = createEngine({
    handle: (method, params, context) => options.route(routed, method, params, context),
    send: (message) => outbox.message(message),
    answered: (_requestId, method) => {
      if (method === 'initialize') return handshakeAnswered();
      count(methods, method, -1);
      options.onAnswered();
    },
    complain: (message) => log.error(message, { connection: id }),
  });
  const inbox: Inbox = options.ingress.inbox((message) => {
    if (message.kind === 'request' && message.method === 'initialize') inbox.hold();
    engine.deliver(message);
    regulate();
  });
  const handshakeAnswered = (): void => {
    const isReady = pendingHandshake !== undefined;
    handshake = pendingHandshake ?? handshake;
    pendingHandshake = undefined;
    // The client receives its answer before the code loads that everything else needs. Until then the request is
    // pending.
    setImmediate(() => {
      if (gone) return;
      count(methods, 'initialize', -1);
      if (isReady) options.onReady(caller);
      inbox.release();
      options.onAnswered();
    });
  };

  let paused = false;
  /** Pauses or resumes reading, by the amount of waiting messages of this client. */
  const regulate = (): void => {
    const limit = paused ? MAX_WAITING / 2 : MAX_WAITING;
    const wait = inbox.size() > limit || outbox.congested();
    if (wait === paused || gone) return;
    paused = wait;
    if (wait) pipe.pause();
    else pipe.resume();
  };

  const caller: Caller = {
    connectionId: id,
    transport: pipe.transport,
    get client() {
      return handshake.client;
    },
    get experimentalApi() {
      return handshake.experimentalApi;
    },
    get capabilities() {
      return handshake.capabilities;
    },
    closed: closed.signal,
    notify(method, params) {
      if (!wants(method)) return;
      outbox.notification(encodeNotification(method, params));
    },
    notifyBytes(method, params, key, bytes) {
      if (!wants(method)) return;
      outbox.notification(encodeBytesNotification(method, params, key, bytes));
    },
    async request(method, params, { signal, sent, id: requestId = requestIds.next() } = {}) {
      if (gone) throw internalError(`${method} cannot be asked: the connection has ended`);
      const answered = engine.request(requestId, method, params, signal);
      if (signal?.aborted !== true) sent?.(requestId);
      const answer = decodeServerRequestResult(method, await answered);
      if (!answer.ok) throw unusableAnswer(method, answer.message);
      return answer.params as never;
    },
    drained: () => outbox.drained(),
  };
  const wants = (method: string): boolean => handshake.state === 'ready' && !handshake.optedOut.has(method) && !gone;
  const routed = {
    get handshake() {
      return handshake;
    },
    caller,
    agreed(next: Handshake) {
      pendingHandshake = next;
    },
  };
  const complain = createComplaints(log, id);

  return {
    id,
    caller,
    via: pipe.via ?? null,
    get handshake() {
      return handshake;
    },
    receive(text, bytes) {
      if (gone || readingStopped) return;
      const message = parseMessage(text);
      if (message.kind === 'junk') return complain(message.reason);
      if (message.kind === 'refused') {
        complain(message.reason);
        outbox.message(encodeError(message.id, { code: RpcCode.invalidRequest, message: message.reason }));
        return;
      }
      // `initialized` is optional and has no effect; the protocol has no other notification (docs/protocol/transport.md
      // §2).
      if (message.kind === 'notification') return;
      if (message.kind === 'request') {
        if (engine.inFlight() >= MAX_IN_FLIGHT || !inbox.offer(message, bytes)) {
          outbox.message(encodeError(message.id, { code: OVERLOADED.rpcCode, message: OVERLOADED.message }));
          return;
        }
        count(methods, message.method, 1);
      } else inbox.offer(message, bytes);
      regulate();
    },
    dropped: complain,
    ended() {
      if (gone) return;
      gone = true;
      inbox.discard();
      methods.clear();
      outbox.end();
      engine.dispose();
      closed.abort();
      options.onEnded();
    },
    notifyEncoded(method, message) {
      if (wants(method)) outbox.notification(message);
    },
    pending: () => [...methods.keys()],
    flushed: () => outbox.flushed(),
    stopReading() {
      readingStopped = true;
    },
    abandon: () => closed.abort(),
    close: (code, reason) => pipe.close(code, reason),
  };
}

const OVERLOADED = new RpcError('request.overloaded', 'Server overloaded; retry later.');

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum > 0) counts.set(key, sum);
  else counts.delete(key);
}

/**
 * Junk gets no answer, because strict clients end at an answer without an id. The log gets the reason, at a limited
 * rate.
 */
function createComplaints(log: Logger, connection: number): (reason: string) => void {
  const next = createSparse();
  return (reason) => {
    const dropped = next();
    if (dropped === null) return;
    log.error(`dropped a message that is not of the protocol: ${reason}`, { connection, dropped });
  };
}
