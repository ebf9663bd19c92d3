/**
 * What waits to be sent to one client.
 *
 * Threat: a client that stops reading. Rule: what it asked for (answers) is bounded because its requests are no longer
 * read once much waits; what it did not ask for (notifications) is bounded by a limit beyond which it is cut off.
 * Producers of bulk output wait for `drained()` and never come near either. Other clients notice nothing.
 */
import { CloseCode, type Channel } from './channel.js';
import type { Encoded } from '../wire/encode.js';

export interface OutboxLimits {
  /** `drained()` waits while more bytes than this are unsent. */
  readonly highWaterBytes: number;
  /**
   * Requests are read no longer while more bytes than this are unsent. Far above the high-water mark: a simple client
   * that writes all its requests before it reads the first answer must not lock up against us.
   */
  readonly pauseReadingBytes: number;
  /** A client with more unsent bytes of notifications than this is cut off (1013): it does not read. */
  readonly maxNotificationBytes: number;
}
const MIB = 1024 * 1024;
export const OUTBOX_LIMITS: OutboxLimits = {
  highWaterBytes: MIB,
  pauseReadingBytes: 16 * MIB,
  maxNotificationBytes: 64 * MIB,
};

export interface Outbox {
  /** An answer, or a server request. */
  message(message: Encoded): void;
  notification(message: Encoded): void;
  drained(): Promise<void>;
  /** Everything is out (or the channel is gone). */
  flushed(): Promise<void>;
  /** More waits than requests should be read for. `onChange` of createOutbox tells when this may have changed. */
  congested(): boolean;
  /** The channel is gone: nobody waits any longer. */
  end(): void;
}

export function createOutbox(channel: Channel, onChange: () => void, limits: OutboxLimits = OUTBOX_LIMITS): Outbox {
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
      channel.send(message, () => {
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
        channel.close(CloseCode.tryAgainLater, 'the client does not read what it is sent');
        return;
      }
      unsent += message.length;
      unsentNotifications += message.length;
      channel.send(message, () => {
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
