/**
 * The messages that wait to be sent to one client.
 *
 * Threat: a client stops reading.
 * Rule: answers are bounded, because the connection stops reading requests while many bytes are unsent. Notifications
 * are bounded by a limit; beyond it the connection is closed. Producers of bulk output wait for `drained()` and stay
 * far below both limits. Other clients are not affected.
 */
import { CloseCode, type ClientPipe } from './client-pipe.js';
import type { Encoded } from '../wire/encode.js';

export interface OutboxLimits {
  /** `drained()` waits while more bytes than this are unsent. */
  readonly highWaterBytes: number;
  /**
   * The connection stops reading requests while more bytes than this are unsent. The limit is far above the high-water
   * mark: a simple client that writes all its requests before it reads the first answer must not deadlock with us.
   */
  readonly pauseReadingBytes: number;
  /** A client with more unsent bytes of notifications than this is disconnected (1013), because it does not read. */
  readonly maxNotificationBytes: number;
}
const MIB = 1024 * 1024;
export const OUTBOX_LIMITS: OutboxLimits = {
  highWaterBytes: MIB,
  pauseReadingBytes: 16 * MIB,
  maxNotificationBytes: 64 * MIB,
};

export interface Outbox {
  /** Sends an answer or a server request. */
  message(message: Encoded): void;
  notification(message: Encoded): void;
  drained(): Promise<void>;
  /** Resolves when all messages are sent or the connection has ended. */
  flushed(): Promise<void>;
  /**
   * True while too many bytes are unsent to read further requests. createOutbox calls `onChange` when the value may
   * have changed.
   */
  congested(): boolean;
  /** The connection has ended: releases everybody who waits. */
  end(): void;
}

export function createOutbox(pipe: ClientPipe, onChange: () => void, limits: OutboxLimits = OUTBOX_LIMITS): Outbox {
  let unsent = 0;
  let unsentNotifications = 0;
  let ended = false;
  let waiters: { below: number; resolve: () => void }[] = [];

  const changed = (): void => {
    if (waiters.length) {
      const due = waiters.filter(({ below }) => ended || unsent <= below);
      if (due.length) waiters = waiters.filter((waiter) => !due.includes(waiter));
      due.forEach(({ resolve }) => resolve());
    }
    onChange();
  };
  const below = (bytes: number): Promise<void> =>
    ended || unsent <= bytes ? DONE : new Promise((resolve) => waiters.push({ below: bytes, resolve }));

  return {
    message(message) {
      if (ended) return;
      unsent += message.length;
      pipe.send(message, () => {
        unsent -= message.length;
        changed();
      });
      if (unsent > limits.pauseReadingBytes) onChange();
    },
    notification(message) {
      if (ended) return;
      if (unsentNotifications > limits.maxNotificationBytes) {
        ended = true;
        changed();
        pipe.close(CloseCode.tryAgainLater, 'the client does not read what it is sent');
        return;
      }
      unsent += message.length;
      unsentNotifications += message.length;
      pipe.send(message, () => {
        unsent -= message.length;
        unsentNotifications -= message.length;
        changed();
      });
      if (unsent > limits.pauseReadingBytes) onChange();
    },
    drained: () => below(limits.highWaterBytes),
    flushed: () => below(0),
    congested: () => unsent > limits.pauseReadingBytes,
    end() {
      ended = true;
      changed();
    },
  };
}

const DONE = Promise.resolve();
