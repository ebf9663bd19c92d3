/** WebSocket frames for the TCP listener and the unix socket (docs/protocol/transport.md §7.2). */
import { LONGEST_TIMER_MS } from '../../system/node/timers.js';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { CloseCode, type Admission, type ClientPipe, type ClientPipeListener } from '../connection/client-pipe.js';
import { createFrameMeter } from '../wire/frame-meter.js';
import { createMessageBudget, type MessageAccount } from '../wire/message-budget.js';
import { peerOf } from './refusals.js';
import { createWebSocketWriter } from './web-socket-writer.js';

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
        const account = unfinished.open(() =>
          pipe.refuse(CloseCode.tryAgainLater, 'too much of unfinished messages from all clients'),
        );
        const pipe = openPipe(ws, socket as Socket, account, options, lease.via);
        const meter = createFrameMeter(MAX_FRAME_BYTES);
        // Runs before ws's own listener in the order of calls, but is attached after it. A listener that exists when ws
        // puts `head` back would start the stream, and ws would lose those bytes.
        socket.prependListener('data', (chunk: Buffer) => {
          account.received(chunk.length);
          if (meter(chunk)) pipe.refuse(CloseCode.tooBig, `a frame is larger than ${MAX_FRAME_BYTES} bytes`);
        });
        limitConnection(ws, lease, pipe.refuse);
      });
    },
  };
}

/** One for the process, because its listeners share its memory. */
const unfinished = createMessageBudget();

interface OpenChannel {
  /** Closes after a fault of the client and ignores everything that it sends later. */
  refuse(code: number, reason: string): void;
}

function openPipe(
  ws: WebSocket,
  socket: Socket,
  account: MessageAccount,
  { transport, accept }: WebSocketServerOptions,
  via: Admission | undefined,
): OpenChannel {
  let refused = false;
  const peer = peerOf(socket);
  const writer = createWebSocketWriter(socket, () => ws.readyState === ws.OPEN);
  const close = (code: number, reason: string): void => {
    writer.flush();
    ws.close(code, reason);
    ws.resume(); // a paused socket would miss the client's close frame
    setTimeout(() => ws.terminate(), CLOSE_WAIT_MS).unref();
  };
  const listener = accept({
    transport,
    ...(via === undefined ? {} : { via }),
    ...(peer === null ? {} : { peer }),
    send: writer.send,
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    close,
    destroy: () => ws.terminate(),
  });
  ws.on('message', (data: Buffer, isBinary) => {
    account.whole();
    if (refused || isBinary) return; // a binary frame is ignored; the connection stays
    listener.receive(data.toString('utf8'), data.length);
  });
  // Protocol errors: ws has already closed with 1002, 1007 or 1009.
  ws.on('error', (error) => {
    refused = true;
    listener.dropped(error.message);
  });
  const ping = setInterval(() => ws.ping(), PING_EVERY_MS);
  ping.unref();
  ws.on('close', () => {
    clearInterval(ping);
    account.close();
    listener.ended();
  });
  if (transport === 'websocket') socket.setKeepAlive(true, PING_EVERY_MS);
  return {
    refuse(code, reason) {
      refused = true;
      listener.dropped(reason);
      close(code, reason);
    },
  };
}

/** Ends the connection with what it was admitted for (the reference checks a credential only at the upgrade). */
function limitConnection(ws: WebSocket, lease: Lease, refuse: OpenChannel['refuse']): void {
  const { endAtMs, ended, use, why = 'expired websocket jwt' } = lease;
  const unuse = use?.();
  const end = (): void => refuse(CloseCode.policyViolation, why);
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
