/**
 * One client from its first byte to its last: handshake state, its place in the queues, and what handlers see of it.
 */
import { setMaxListeners } from 'node:events';
import { decodeServerRequestResult } from '../wire/decode.js';
import type { Logger } from '../../log/log.js';
import { createSparse } from '../../log/log-sparse.js';
import type { Caller } from './caller.js';
import type { Channel, ChannelListener } from './channel.js';
import { encodeBytesNotification, encodeError, encodeNotification, type Encoded } from '../wire/encode.js';
import { createEngine } from './engine.js';
import { ErrorCode, internalError, UnusableAnswer } from '../../errors/rpc-error.js';
import type { Inbox, Ingress } from './ingress.js';
import { parseMessage } from '../wire/parse.js';
import { createOutbox, type Outbox, type OutboxLimits } from './outbox.js';
import type { RequestIds } from '../wire/request-ids.js';
import type { Route } from './router.js';
import { NEW_SESSION, type Session } from './session.js';

export interface ConnectionOptions {
  readonly id: number;
  readonly channel: Channel;
  readonly ingress: Ingress;
  readonly route: Route;
  readonly requestIds: RequestIds;
  readonly log: Logger;
  readonly outboxLimits: OutboxLimits;
  /** Called once, one turn after the good `initialize` answer was handed to the transport. */
  readonly onReady: (caller: Caller) => void;
  readonly onAnswered: () => void;
  readonly onEnded: () => void;
}

export interface Connection extends ChannelListener {
  readonly id: number;
  readonly caller: Caller;
  /** Sends bytes that may be shared with other connections, unless this client opted out or has not initialized. */
  notifyEncoded(method: string, message: Encoded): void;
  readonly session: Session;
  /** Methods of the requests that wait or are worked on. */
  pending(): readonly string[];
  flushed(): Promise<void>;
  /** What the client still sends is not read any more; what it has sent is answered. */
  stopReading(): void;
  /** Tells handlers that the client is leaving (`caller.closed`); their answers still go out. */
  abandon(): void;
  close(code: number, reason: string): void;
}

/** Requests of one connection that may be worked on at once; beyond it they are refused like those of a full queue. */
const MAX_IN_FLIGHT = 4096;
/** A connection with more waiting messages than this is not read until half of them have begun. */
const MAX_WAITING = 512;

export function createConnection(options: ConnectionOptions): Connection {
  const { id, channel, log, requestIds } = options;
  const closed = new AbortController();
  // Each command of this connection listens, and a connection may run any number of them.
  setMaxListeners(0, closed.signal);
  let session: Session = NEW_SESSION;
  let agreed: Session | undefined;
  let gone = false;
  let deaf = false;
  const methods = new Map<string, number>(); // how many requests of a method have no answer yet

  const outbox: Outbox = createOutbox(channel, () => regulate(), options.outboxLimits);
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
    const isReady = agreed !== undefined;
    session = agreed ?? session;
    agreed = undefined;
    // The client has its answer before the code is loaded that everything else needs. Until then the request is
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
  /** Reads on or waits, by what this client has caused to wait. */
  const regulate = (): void => {
    const limit = paused ? MAX_WAITING / 2 : MAX_WAITING;
    const wait = inbox.size() > limit || outbox.congested();
    if (wait === paused || gone) return;
    paused = wait;
    if (wait) channel.pause();
    else channel.resume();
  };

  const caller: Caller = {
    connectionId: id,
    transport: channel.transport,
    get client() {
      return session.client;
    },
    get experimentalApi() {
      return session.experimentalApi;
    },
    get capabilities() {
      return session.capabilities;
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
      if (!answer.ok) throw new UnusableAnswer(method, answer.message);
      return answer.params as never;
    },
    drained: () => outbox.drained(),
  };
  const wants = (method: string): boolean => session.state === 'ready' && !session.optedOut.has(method) && !gone;
  const routed = {
    get session() {
      return session;
    },
    caller,
    agreed(next: Session) {
      agreed = next;
    },
  };
  const complain = createComplaints(log, id);

  return {
    id,
    caller,
    get session() {
      return session;
    },
    receive(text, bytes) {
      if (gone || deaf) return;
      const message = parseMessage(text);
      if (message.kind === 'junk') return complain(message.reason);
      if (message.kind === 'refused') {
        complain(message.reason);
        outbox.message(encodeError(message.id, { code: ErrorCode.invalidRequest, message: message.reason }));
        return;
      }
      // `initialized` is optional and tells nothing; there is no other (docs/protocol/transport.md §2).
      if (message.kind === 'notification') return;
      if (message.kind === 'request') {
        if (engine.inFlight() >= MAX_IN_FLIGHT || !inbox.offer(message, bytes)) {
          outbox.message(encodeError(message.id, OVERLOADED));
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
      deaf = true;
    },
    abandon: () => closed.abort(),
    close: (code, reason) => channel.close(code, reason),
  };
}

const OVERLOADED = { code: ErrorCode.overloaded, message: 'Server overloaded; retry later.' };

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum > 0) counts.set(key, sum);
  else counts.delete(key);
}

/**
 * Junk is not answered (strict clients end at an answer without an id); the log has the reason, but not a flood of it.
 */
function createComplaints(log: Logger, connection: number): (reason: string) => void {
  const next = createSparse();
  return (reason) => {
    const dropped = next();
    if (dropped === null) return;
    log.error(`dropped a message that is not of the protocol: ${reason}`, { connection, dropped });
  };
}
