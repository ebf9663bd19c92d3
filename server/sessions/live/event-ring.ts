/**
 * The last notifications of a thread, as they went out, for clients that were away (docs/protocol-extensions.md).
 * Bounded in frames and in bytes, whatever the thread does.
 */
import type { EncodedNotification } from '../../rpc/server.js';

export interface RingEntry extends EncodedNotification {
  readonly sequence: number;
  /** Connections that got it although they were no subscribers; null for what only subscribers get. */
  readonly toldTo: ReadonlySet<number> | null;
}

export interface RingLimits {
  readonly frames: number;
  readonly bytes: number;
}

/** While things happen: some seconds of the fastest model, or of a command's output. */
const ACTIVE_RING: RingLimits = { frames: 8192, bytes: 4 * 1024 * 1024 };
/** Once the thread has been quiet for a while: 200 loaded threads may cost 2 MB each, all in all. */
export const IDLE_RING: RingLimits = { frames: 512, bytes: 128 * 1024 };

export interface EventRing {
  /** Entries come with rising numbers, without gaps. */
  add(entry: RingEntry): void;
  /** What came after that number; null when some of it is not here any more, or never was. */
  after(sequence: number): readonly RingEntry[] | null;
  /** Cuts it down to the limits of a quiet thread. */
  trim(limits?: RingLimits): void;
  readonly frames: number;
  readonly bytes: number;
}

/** `base`: the number before the first entry's. */
export function createEventRing(base: number, limits: RingLimits = ACTIVE_RING): EventRing {
  let entries: RingEntry[] = [];
  /** Where the ring begins in `entries`: what is before it is dropped now and then, not at every message. */
  let start = 0;
  let bytes = 0;
  let last = base;

  const drop = ({ frames, bytes: most }: RingLimits): void => {
    while (entries.length - start > frames || bytes > most) {
      bytes -= entries[start]!.message.length;
      start++;
    }
    if (start > 1024 && start * 2 > entries.length) {
      entries = entries.slice(start);
      start = 0;
    }
  };

  return {
    add(entry) {
      entries.push(entry);
      bytes += entry.message.length;
      last = entry.sequence;
      drop(limits);
    },
    after(sequence) {
      const first = last - (entries.length - start) + 1;
      if (sequence > last || sequence < first - 1) return null;
      return entries.slice(start + (sequence - first) + 1);
    },
    trim(to = IDLE_RING) {
      drop(to);
      entries = ownCopies(entries.slice(start), bytes);
      start = 0;
    },
    get frames() {
      return entries.length - start;
    },
    get bytes() {
      return bytes;
    },
  };
}

/**
 * The same entries in one piece of memory. Small messages are cut from shared pages, and a kept one would hold its
 * whole page.
 */
function ownCopies(entries: readonly RingEntry[], bytes: number): RingEntry[] {
  const memory = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  return entries.map((entry) => {
    const from = at;
    at += entry.message.copy(memory, from);
    return { ...entry, message: memory.subarray(from, at) as typeof entry.message };
  });
}
