import type { Caller } from './caller.js';
import type { Encoded } from '../wire/encode.js';

/** WebSocket close codes that codexd uses (RFC 6455 §7.4.1; 1013: its registry). */
export const CloseCode = {
  goingAway: 1001,
  policyViolation: 1008,
  tooBig: 1009,
  tryAgainLater: 1013,
} as const;

/** A credential of `--ws-auth`, or a session of the console. */
export type Admission = 'credential' | 'console';

/** The transport of one client. Each kind of transport creates one for each client. */
export interface ClientPipe {
  readonly transport: Caller['transport'];
  /** Address and port of the other end; absent: not TCP. */
  readonly peer?: string;
  /** What let the client in, where a listener asked. */
  readonly via?: Admission;
  /** Keeps the order of the calls. Calls `sent` once the bytes have left this process or can no longer leave it. */
  send(message: Encoded, sent: () => void): void;
  /** Stops reading from the client, so that the client waits and our memory does not grow. */
  pause(): void;
  resume(): void;
  /** Sends the remaining messages, then ends the pipe. A WebSocket client sees the code. */
  close(code: number, reason: string): void;
  /** Ends at once and discards unsent messages. */
  destroy(): void;
}

/** Receives the events of one client's transport. */
export interface ClientPipeListener {
  /** One JSON text. `bytes` is its size on the wire. */
  receive(text: string, bytes: number): void;
  /** Input that is not text: a line that is too long, or invalid UTF-8. */
  dropped(reason: string): void;
  /** No more messages will arrive. */
  ended(): void;
}
