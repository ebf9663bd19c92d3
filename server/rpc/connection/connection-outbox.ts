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

export class Outbox {
  readonly #pipe: ClientPipe;
  readonly #onChange: () => void;
  readonly #limits: OutboxLimits;
  #unsent = 0;
  #unsentNotifications = 0;
  #isEnded = false;
  #waiters: { readonly below: number; readonly resolve: () => void }[] | null = null;

  /** `onChange`: called when the value of `congested` may have changed. */
  constructor(pipe: ClientPipe, onChange: () => void, limits: OutboxLimits = OUTBOX_LIMITS) {
    this.#pipe = pipe;
    this.#onChange = onChange;
    this.#limits = limits;
  }

  /** Sends an answer or a server request. */
  message(message: Encoded): void {
    if (this.#isEnded) return;
    this.#unsent += message.length;
    this.#pipe.send(message, () => {
      this.#unsent -= message.length;
      this.#changed();
    });
    if (this.congested()) this.#onChange();
  }

  notification(message: Encoded): void {
    if (this.#isEnded) return;
    if (this.#unsentNotifications > this.#limits.maxNotificationBytes) {
      this.end();
      this.#pipe.close(CloseCode.tryAgainLater, 'the client does not read what it is sent');
      return;
    }
    this.#unsent += message.length;
    this.#unsentNotifications += message.length;
    this.#pipe.send(message, () => {
      this.#unsent -= message.length;
      this.#unsentNotifications -= message.length;
      this.#changed();
    });
    if (this.congested()) this.#onChange();
  }

  drained(): Promise<void> {
    return this.#below(this.#limits.highWaterBytes);
  }

  /** Resolves when all messages are sent or the connection has ended. */
  flushed(): Promise<void> {
    return this.#below(0);
  }

  /** True while too many bytes are unsent to read further requests. */
  congested(): boolean {
    return this.#unsent > this.#limits.pauseReadingBytes;
  }

  /** The connection has ended: releases everybody who waits. */
  end(): void {
    this.#isEnded = true;
    this.#changed();
  }

  #below(bytes: number): Promise<void> {
    if (this.#isEnded || this.#unsent <= bytes) return DONE;
    return new Promise((resolve) => (this.#waiters ??= []).push({ below: bytes, resolve }));
  }

  #changed(): void {
    const waiters = this.#waiters;
    if (waiters !== null) {
      const due = waiters.filter(({ below }) => this.#isEnded || this.#unsent <= below);
      if (due.length) this.#waiters = waiters.filter((waiter) => !due.includes(waiter));
      due.forEach(({ resolve }) => resolve());
    }
    this.#onChange();
  }
}

const DONE = Promise.resolve();
