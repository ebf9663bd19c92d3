/**
 * Room for large files that are on their way to clients.
 *
 * Threat: many connections read large files at once, or do not read what they are sent, and the daemon has no memory
 * left for others.
 * Rule: a message of a large file has its place from before the file is read until its connection has taken it. Of one
 * connection one file has a place, of all together as many as there is room for, in the order of the requests. Who
 * waits too long gets an error. Non-scope: files of at most `LARGE_BYTES`.
 */
import { internalError } from '../errors/rpc-error.js';
import type { Caller } from '../rpc/connection/caller.js';
import { createKeyedTurns } from '../system/node/keyed-turns.js';

/** A larger file needs a place. */
export const LARGE_BYTES = 8 * 1024 * 1024;

export interface LargeReadLimits {
  /** Of all files that have a place. One larger file has all of it. */
  readonly bytes: number;
  /** For a place, in milliseconds. */
  readonly waitMs: number;
}
/** Twice the largest file: a client that does not read leaves room for another one. */
export const LARGE_READ_LIMITS: LargeReadLimits = { bytes: 1024 * 1024 * 1024, waitMs: 60_000 };

export interface LargeReads {
  /** Waits for a place. The returned function gives it back; it may be called again. Throws RpcError. */
  enter(size: number, caller: Caller): Promise<() => void>;
}

interface Waiting {
  readonly size: number;
  readonly start: () => void;
}

export function createLargeReads(limits: LargeReadLimits = LARGE_READ_LIMITS): LargeReads {
  const ofConnection = createKeyedTurns();
  const waiting: Waiting[] = [];
  let used = 0;

  const startNext = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (used > 0 && used + next.size > limits.bytes) return;
      waiting.shift();
      used += next.size;
      next.start();
    }
  };
  const place = (size: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const mine: Waiting = {
        size,
        start() {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(mine), 1);
        reject(tooBusy(size, used));
        startNext();
      }, limits.waitMs);
      timer.unref();
      waiting.push(mine);
      startNext();
    });

  return {
    async enter(size, caller) {
      const leaveConnection = await ofConnection.enter([String(caller.connectionId)]);
      try {
        await caller.drained();
        caller.closed.throwIfAborted();
        await place(size);
      } catch (error) {
        leaveConnection();
        throw error;
      }
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        used -= size;
        leaveConnection();
        startNext();
      };
    },
  };
}

const tooBusy = (size: number, used: number) =>
  internalError(
    `fs/readFile: ${used} bytes of large files are on their way to clients, and there is no room for ${size} more; ` +
      'try again when they have been read',
  );
