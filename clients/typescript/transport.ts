import type { Signal } from './platform.js';

/**
 * One ordered channel of JSON texts, open from the moment it exists until `ended` resolves. A transport knows no
 * JSON-RPC and never reopens: the client asks for a new one.
 */
export interface Transport {
  /**
   * Queues one message. A message for an ended channel is dropped: `ended` tells of it. Throws for one that is too
   * long.
   */
  send(text: string): void;
  /** Resolves when what was sent has left this process's memory up to the high-water mark, or the channel has ended. */
  drained(): Promise<void>;
  /** Stops reading: the server's writes come to a stand once the buffers of the system are full. */
  pause(): void;
  resume(): void;
  /** Ends the channel in good order, with a bound; resolves when it has ended. Idempotent. */
  close(): Promise<void>;
  /** Ends the channel at once, because of `cause`. */
  destroy(cause: Error): void;
  /** Resolves once, with why the channel ended. Never rejects. */
  readonly ended: Promise<Error>;
}

/**
 * Opens a transport; every message is handed to `receive` in order. What `receive` throws ends the channel, as its
 * cause. Rejects with ConnectError.
 */
export type OpenTransport = (receive: (text: string) => void, signal: Signal) => Promise<Transport>;

/** How much may wait in this process before `drained` makes the sender wait. In bytes; a few large messages. */
export const HIGH_WATER_BYTES = 1024 * 1024;

/**
 * Longest message that a client takes. In bytes. The protocol sets no limit for what a server sends (20 MiB in one
 * frame were seen, docs/protocol/transport.md §7); this one only keeps a broken server from filling the memory.
 */
export const MAX_INCOMING_BYTES = 512 * 1024 * 1024;
