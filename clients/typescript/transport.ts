import type { Signal } from './platform.js';

/**
 * An ordered channel of JSON texts. It is open until `ended` resolves. A transport does not know JSON-RPC and never
 * reopens: the client opens a new transport.
 */
export interface Transport {
  /**
   * Queues one message. Drops the message when the channel has ended: `ended` reports that. Throws when the message is
   * too long.
   */
  send(text: string): void;
  /** Resolves when at most the high-water mark of bytes is unsent in this process, or when the channel has ended. */
  drained(): Promise<void>;
  /** Stops reading. The server's writes block when the buffers of the operating system are full. */
  pause(): void;
  resume(): void;
  /** Closes the channel in order, within a time limit. Resolves when the channel has ended. Idempotent. */
  close(): Promise<void>;
  /** Ends the channel at once, because of `cause`. */
  destroy(cause: Error): void;
  /** Resolves once, with the reason for the end of the channel. Never rejects. */
  readonly ended: Promise<Error>;
}

/**
 * Opens a transport. It passes every message to `receive`, in order. An exception of `receive` ends the channel and
 * becomes its cause. Rejects with ConnectError.
 */
export type OpenTransport = (receive: (text: string) => void, signal: Signal) => Promise<Transport>;

/** Unsent bytes from which on `drained` makes the sender wait: the size of a few large messages. */
export const HIGH_WATER_BYTES = 1024 * 1024;

/**
 * Longest message that a client accepts, in bytes. The protocol sets no limit for servers (a frame of 20 MiB was seen,
 * docs/protocol/transport.md §7). This limit keeps a defective server from filling the client's memory.
 */
export const MAX_INCOMING_BYTES = 512 * 1024 * 1024;
