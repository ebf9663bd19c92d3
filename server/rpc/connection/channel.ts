import type { Caller } from './caller.js';
import type { Encoded } from '../wire/encode.js';

/** WebSocket close codes that codexd uses (RFC 6455 §7.4.1; 1013: the registry behind it). */
export const CloseCode = {
  goingAway: 1001,
  policyViolation: 1008,
  tooBig: 1009,
  tryAgainLater: 1013,
} as const;

/** One client's way in and out, whatever carries it: a transport makes one for each client. */
export interface Channel {
  readonly transport: Caller['transport'];
  /**
   * Messages go out in the order of the calls. `sent` is called once the bytes have left this process, or never will.
   */
  send(message: Encoded, sent: () => void): void;
  /** Stops taking bytes from the client, so that the client waits instead of our memory growing. */
  pause(): void;
  resume(): void;
  /** What was sent still goes out, then the channel ends; the code is what a WebSocket client sees. */
  close(code: number, reason: string): void;
  /** Ends now, whatever is still unsent. */
  destroy(): void;
}

/** What a transport tells about its client. */
export interface ChannelListener {
  /** One JSON text. `bytes` is its size on the wire. */
  receive(text: string, bytes: number): void;
  /** Something that is not even text: too long a line, invalid UTF-8. */
  dropped(reason: string): void;
  /** No more messages will come. */
  ended(): void;
}
