/** WebSocket frames for the TCP listener and the unix socket (docs/protocol/transport.md §7.2). */
import { LONGEST_TIMER_MS } from '../../system/node/timers.js';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { CloseCode, type Admission, type ClientPipe, type ClientPipeListener } from '../connection/client-pipe.js';
import { createFrameMeter } from '../wire/frame-meter.js';
import { createMessageBudget, type MessageAccount } from '../wire/message-budget.js';
import { isLocal, peerOf } from './peer.js';
import type { Encoded } from '../wire/encode.js';
import { WebSocketWriter } from './web-socket-writer.js';

/** The protocol's limits: for a frame, and for a message of several frames. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Pings keep routers and tunnels from dropping a quiet connection. TCP keep-alive finds dead peers. */
const PING_EVERY_MS = 30_000;
/** How long a client may take to answer our close frame before the socket is destroyed. */
const CLOSE_WAIT_MS = 1_000;

export interface WebSocketServerOptions {
  readonly transport: 'websocket' | 'unix';
  readonly accept: (pipe: ClientPipe) => ClientPipeListener;
  /** Extra headers of the 101 answer, `name: value`. */
  readonly headers?: readonly string[];
}

export interface WebSocketUpgrades {
  /**
   * Completes a checked upgrade request. `lease`: what may end the connection. `done`: from now on the connection
   * belongs to a client.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: () => void, lease?: Lease): void;
}

/** How long a client may stay connected, and why. */
export interface Lease {
  /** The expiry of the client's credential, in milliseconds since the epoch. */
  readonly endAtMs?: number;
  /** Ends the connection earlier. */
  readonly ended?: AbortSignal;
  /** Called when the connection begins; the result when it ends. */
  readonly use?: () => () => void;
  /** The reason that the client receives with that end. */
  readonly why?: string;
  readonly via?: Admission;
}

export async function createWebSocketUpgrades(options: WebSocketServerOptions): Promise<WebSocketUpgrades> {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false, // offered extensions and subprotocols are not negotiated
    handleProtocols: () => false,
  });
  server.on('headers', (lines) => lines.push(...(options.headers ?? [])));
  return {
    upgrade(request, socket, head, done, lease = {}) {
      server.handleUpgrade(request, socket, head, (ws) => {
        done();
        const pipe = new WebSocketPipe(ws, socket as Socket, options, lease.via);
        limitConnection(ws, lease, pipe);
      });
    },
  };
}

/** One for the process, because its listeners share its memory. */
const unfinished = createMessageBudget();

/** One client. A class, because a function of its own for each thing that it does costs more than its state. */
class WebSocketPipe implements ClientPipe {
  readonly transport: ClientPipe['transport'];
  readonly peer?: string;
  readonly via?: Admission;
  readonly #ws: WebSocket;
  readonly #writer: WebSocketWriter;
  readonly #account: MessageAccount;
  readonly #listener: ClientPipeListener;
  readonly #ping: NodeJS.Timeout;
  #isRefused = false;

  constructor(ws: WebSocket, socket: Socket, options: WebSocketServerOptions, via: Admission | undefined) {
    const peer = peerOf(socket);
    this.transport = options.transport;
    if (via !== undefined) this.via = via;
    if (peer !== null) this.peer = peer;
    this.#ws = ws;
    this.#writer = new WebSocketWriter(socket, () => ws.readyState === ws.OPEN);
    this.#account = unfinished.open(() =>
      this.refuse(CloseCode.tryAgainLater, 'too much of unfinished messages from all clients'),
    );
    this.#listener = options.accept(this);
    ws.on('message', (data: Buffer, isBinary) => {
      this.#account.whole();
      if (this.#isRefused || isBinary) return; // a binary frame is ignored; the connection stays
      this.#listener.receive(data.toString('utf8'), data.length);
    });
    // Protocol errors: ws has already closed with 1002, 1007 or 1009.
    ws.on('error', (error) => {
      this.#isRefused = true;
      this.#listener.dropped(error.message);
    });
    this.#ping = setInterval(ping, PING_EVERY_MS, ws).unref();
    ws.on('close', () => {
      clearInterval(this.#ping);
      this.#account.close();
      this.#listener.ended();
    });
    // The kernel itself ends a connection whose other end on this machine is gone.
    if (!isLocal(socket.remoteAddress)) socket.setKeepAlive(true, PING_EVERY_MS);
    const meter = createFrameMeter(MAX_FRAME_BYTES);
    // Runs before ws's own listener in the order of calls, but is attached after it. A listener that exists when ws
    // puts `head` back would start the stream, and ws would lose those bytes.
    socket.prependListener('data', (chunk: Buffer) => {
      this.#account.received(chunk.length);
      if (meter(chunk)) this.refuse(CloseCode.tooBig, `a frame is larger than ${MAX_FRAME_BYTES} bytes`);
    });
  }

  send(message: Encoded, sent: () => void): void {
    this.#writer.send(message, sent);
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  close(code: number, reason: string): void {
    this.#writer.flush();
    this.#ws.close(code, reason);
    this.#ws.resume(); // a paused socket would miss the client's close frame
    setTimeout(() => this.destroy(), CLOSE_WAIT_MS).unref();
  }

  destroy(): void {
    this.#ws.terminate();
  }

  /** Closes after a fault of the client and ignores everything that it sends later. */
  refuse(code: number, reason: string): void {
    this.#isRefused = true;
    this.#listener.dropped(reason);
    this.close(code, reason);
  }
}

const ping = (ws: WebSocket): void => ws.ping();

/** Ends the connection with what it was admitted for (the reference checks a credential only at the upgrade). */
function limitConnection(ws: WebSocket, lease: Lease, pipe: WebSocketPipe): void {
  const { endAtMs, ended, use, why = 'expired websocket jwt' } = lease;
  if (endAtMs === undefined && ended === undefined && use === undefined) return;
  const unuse = use?.();
  const end = (): void => pipe.refuse(CloseCode.policyViolation, why);
  if (endAtMs !== undefined && endAtMs !== Infinity) endConnectionAt(ws, endAtMs, end);
  ended?.addEventListener('abort', end, { once: true });
  ws.once('close', () => {
    ended?.removeEventListener('abort', end);
    unuse?.();
  });
  if (ended?.aborted) end();
}

function endConnectionAt(ws: WebSocket, atMs: number, end: () => void): void {
  const wait = atMs - Date.now();
  const timer = setTimeout(
    () => {
      if (wait > LONGEST_TIMER_MS) endConnectionAt(ws, atMs, end);
      else end();
    },
    Math.min(Math.max(wait, 0), LONGEST_TIMER_MS),
  );
  timer.unref();
  ws.once('close', () => clearTimeout(timer));
}
