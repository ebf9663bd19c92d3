import { WebSocket, type ClientOptions as WsOptions } from 'ws';
import { ConnectError, ProtocolError } from './errors.js';
import { HIGH_WATER_BYTES, MAX_INCOMING_BYTES, type Transport } from './transport.js';

export interface WebSocketTransportOptions {
  readonly url: string;
  /** The name of the address in errors. */
  readonly name: string;
  readonly receive: (text: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between pings. A connection without received data for two intervals ends. 0: never ping. */
  readonly keepAliveMs: number;
  readonly ws: WsOptions;
}

/**
 * Opens a WebSocket as a transport: one message in each text frame (docs/protocol/transport.md §7). Rejects with
 * ConnectError.
 */
export async function openWebSocket(options: WebSocketTransportOptions): Promise<Transport> {
  const socket = new WebSocket(options.url, {
    perMessageDeflate: false,
    maxPayload: MAX_INCOMING_BYTES,
    ...options.ws,
  });
  let failure: Error | undefined;
  const fail = (cause: Error): void => {
    failure ??= cause;
    socket.terminate();
  };

  const ended = new Promise<Error>((resolve) => {
    socket.once('close', (code, reason) =>
      resolve(failure ?? new Error(closeText(options.name, code, String(reason)))),
    );
  });
  socket.on('error', (error) => (failure ??= error));
  socket.on('message', (data: Buffer, isBinary) => {
    if (failure) return;
    if (isBinary) return fail(new ProtocolError(`${options.name} sent a binary frame`));
    try {
      options.receive(data.toString('utf8'));
    } catch (error) {
      fail(error as Error);
    }
  });

  await opened(socket, options, ended);
  const stopPings = keepAlive(socket, options.keepAliveMs, () =>
    fail(new Error(`${options.name} does not answer pings`)),
  );
  void ended.then(stopPings);

  const outgoing = countOutgoing(ended);
  return {
    send: (text) => sendText(socket, text, outgoing.track),
    drained: outgoing.drained,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => closeSocket(socket, ended),
    destroy: fail,
    ended,
  };
}

/** Waits for the upgrade. A plain HTTP response (401, 403 …) becomes an error with its status. */
async function opened(socket: WebSocket, options: WebSocketTransportOptions, ended: Promise<Error>): Promise<void> {
  const refused = new Promise<ConnectError>((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('close', () => {
        const body = Buffer.concat(chunks).toString('utf8').trim();
        const status = response.statusCode ?? 0;
        resolve(new ConnectError(`${options.name} answered HTTP ${status}${body && `: ${body}`}`, { status }));
        socket.terminate();
      });
    });
  });
  const abort = (): void => socket.terminate();
  options.signal.addEventListener('abort', abort, { once: true });
  try {
    const outcome = await Promise.race([
      new Promise<null>((resolve) => socket.once('open', () => resolve(null))),
      refused,
      ended.then((cause) => new ConnectError(`cannot connect to ${options.name}: ${cause.message}`, { cause })),
    ]);
    if (outcome !== null) throw outcome;
  } finally {
    options.signal.removeEventListener('abort', abort);
  }
}

/**
 * Longest frame that this client sends, in bytes: half of what a server accepts (16 MiB, docs/protocol/transport.md
 * §7).
 */
const FRAME_BYTES = 8 * 1024 * 1024;
/** Longest message that a server accepts, in bytes (64 MiB, docs/protocol/transport.md §7). */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Sends one message, in fragments when it is longer than one frame may be. */
function sendText(socket: WebSocket, text: string, track: (bytes: number) => () => void): void {
  const data = Buffer.from(text, 'utf8');
  if (data.length > MAX_MESSAGE_BYTES) {
    throw new RangeError(`a message of ${data.length} bytes is longer than a server takes (${MAX_MESSAGE_BYTES})`);
  }
  if (socket.readyState !== WebSocket.OPEN) return;
  const sent = track(data.length);
  for (let start = 0; start === 0 || start < data.length; start += FRAME_BYTES) {
    const fin = start + FRAME_BYTES >= data.length;
    // The callback gets the error of the connection, which `ended` reports.
    socket.send(data.subarray(start, start + FRAME_BYTES), { binary: false, fin }, fin ? sent : undefined);
  }
}

/** Counts the bytes that this process has not sent yet, and lets senders wait until they are few. */
function countOutgoing(ended: Promise<unknown>): { track(bytes: number): () => void; drained(): Promise<void> } {
  let waiting = 0;
  let release: (() => void)[] = [];
  return {
    track: (bytes) => {
      waiting += bytes;
      return () => {
        waiting -= bytes;
        if (waiting > HIGH_WATER_BYTES) return;
        for (const resolve of release) resolve();
        release = [];
      };
    },
    drained: async () => {
      if (waiting <= HIGH_WATER_BYTES) return;
      await Promise.race([new Promise<void>((resolve) => release.push(resolve)), ended]);
    },
  };
}

/** Time in which the server has to answer the close frame, in ms. */
const CLOSE_TIMEOUT_MS = 2000;

async function closeSocket(socket: WebSocket, ended: Promise<Error>): Promise<void> {
  // A paused socket would not read the answer to its close frame.
  socket.resume();
  socket.close(1000);
  const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/** Detects a lost server that TCP has not noticed, for example after a suspended laptop or a dropped tunnel. */
function keepAlive(socket: WebSocket, intervalMs: number, onSilence: () => void): () => void {
  if (intervalMs <= 0) return () => {};
  let heard = true;
  const hear = (): void => void (heard = true);
  socket.on('pong', hear).on('message', hear);
  const timer = setInterval(() => {
    // A paused client does not read pongs, so missing pongs prove nothing.
    if (!heard && !socket.isPaused) return onSilence();
    heard = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** The names of the codes in RFC 6455 §7.4.1. 1006: the connection ended without a close frame. */
function closeText(name: string, code: number, reason: string): string {
  const meaning = reason || CLOSE_CODES[code] || '';
  return `${name} closed the connection (${code}${meaning && ` ${meaning}`})`;
}
const CLOSE_CODES: Readonly<Record<number, string>> = {
  1000: 'normal',
  1001: 'going away',
  1002: 'protocol error',
  1006: 'without a close frame',
  1007: 'invalid data',
  1009: 'message too big',
  1011: 'internal error',
};
