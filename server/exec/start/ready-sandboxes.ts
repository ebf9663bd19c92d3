/**
 * The sandbox that waits for the next command (process/ready-sandbox.ts): one, for as long as commands of one kind
 * follow each other.
 *
 * It is made when two commands have needed the same sandbox, after their end. So one that is never used is rare. It is
 * discarded when a command needs another one, and when it is too old.
 */
import type { AdvanceSandbox } from '../../sandbox/policy/sandbox.js';
import type { ReadySandbox } from '../process/ready-sandbox.js';

/** How old it may be, in milliseconds. */
const YOUNG_MS = 30_000;

/** null: there is no room, or it failed. Never rejects. */
export type MakeReady = (sandbox: AdvanceSandbox, onEnd: () => void) => Promise<ReadySandbox | null>;

interface Waiting {
  readonly ready: ReadySandbox;
  readonly sandbox: AdvanceSandbox;
  readonly timer: NodeJS.Timeout;
}

export class ReadySandboxes {
  readonly #make: MakeReady;
  #waiting: Waiting | null = null;
  #making: Promise<void> | null = null;
  /** What the last command needed; null: something that cannot be made in advance. */
  #last: AdvanceSandbox | null = null;
  /** The last two commands needed the same. */
  #repeats = false;
  #closed = false;

  constructor(make: MakeReady) {
    this.#make = make;
  }

  get count(): number {
    return this.#waiting === null ? 0 : 1;
  }

  /** For a command that starts now and needs this sandbox. It is the caller's then; null: none can be used. */
  take(sandbox: AdvanceSandbox | null): ReadySandbox | null {
    this.#repeats = sandbox !== null && this.#last !== null && sandbox.isSame(this.#last);
    this.#last = sandbox;
    const waiting = this.#waiting;
    if (waiting === null || sandbox === null) return null;
    const { ready } = waiting;
    const isYoung = Math.abs(Date.now() - ready.since) < YOUNG_MS;
    const state = isYoung && sandbox.isSame(waiting.sandbox) ? ready.look() : 'lost';
    if (state === 'starting') return null; // It is for the next command.
    if (state === 'waits') return this.#forget();
    this.#discard();
    return null;
  }

  /** Makes one, if the next command may need it. Call it when no command is starting. */
  refill(): void {
    const sandbox = this.#last;
    if (sandbox === null || !this.#repeats || this.#waiting || this.#making || this.#closed) return;
    this.#making = this.#prepare(sandbox).finally(() => (this.#making = null));
  }

  /** Ends the one that waits. */
  async empty(): Promise<void> {
    await this.#forget()?.dispose();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#making;
    await this.empty();
  }

  #discard(): void {
    void this.#forget()?.dispose();
  }

  #forget(): ReadySandbox | null {
    const waiting = this.#waiting;
    if (waiting === null) return null;
    clearTimeout(waiting.timer);
    this.#waiting = null;
    return waiting.ready;
  }

  /** Never rejects. */
  async #prepare(sandbox: AdvanceSandbox): Promise<void> {
    const ready = await this.#make(sandbox, () => {
      if (this.#waiting?.ready === ready) this.#forget();
    });
    if (ready === null) return;
    if (this.#closed || ready.look() === 'lost') return ready.dispose();
    const timer = setTimeout(() => this.#discard(), YOUNG_MS).unref();
    this.#waiting = { ready, sandbox, timer };
  }
}
