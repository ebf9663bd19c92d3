/**
 * The last notifications of a thread in their sent form, for clients that reconnect (docs/protocol-extensions.md). The
 * number of frames and bytes is limited for each thread, and so are the bytes of all threads.
 */
import type { EncodedNotification } from '../../../rpc/server.js';

export interface RingEntry extends EncodedNotification {
  readonly sequence: number;
  /** Connections that received it without being subscribers; null: only subscribers receive it. */
  readonly alsoSentTo: ReadonlySet<number> | null;
}

export interface RingLimits {
  readonly frames: number;
  readonly bytes: number;
}

/** For an active thread: several seconds of the fastest model, or of a command's output. */
const ACTIVE_RING: RingLimits = { frames: 8192, bytes: 4 * 1024 * 1024 };
/** For a thread that was quiet for a while: 200 loaded threads must not need more than 2 MB each in total. */
export const IDLE_RING: RingLimits = { frames: 512, bytes: 128 * 1024 };

/** What the rings of all threads have in memory, in bytes. */
export interface RingRoom {
  readonly limit: number;
  used: number;
}

/** Enough for sixteen active threads at their own limit; many share it. */
const ALL_RINGS = 64 * 1024 * 1024;
/** The objects of an entry and the pages that small messages share, measured. */
const ENTRY_OVERHEAD = 256;

export const createRingRoom = (limit = ALL_RINGS): RingRoom => ({ limit, used: 0 });

export interface EventRing {
  /** Entries have rising numbers without gaps. */
  add(entry: RingEntry): void;
  /** The entries after that number; null: some of them are dropped or unknown. */
  after(sequence: number): readonly RingEntry[] | null;
  /** Reduces the ring to the limits of a quiet thread. */
  trim(limits?: RingLimits): void;
  /** Drops all entries, and keeps none from now on: the thread is unloaded. */
  close(): void;
  readonly frames: number;
  readonly bytes: number;
}

/**
 * `base`: the number before the first entry. A ring that gets an entry while there is no room drops its own oldest
 * ones, down to what a quiet thread keeps.
 */
export function createEventRing(
  base: number,
  { limits = ACTIVE_RING, room = createRingRoom() }: { readonly limits?: RingLimits; readonly room?: RingRoom } = {},
): EventRing {
  let entries: RingEntry[] = [];
  /**
   * The index in `entries` where the ring begins. Older entries are removed from time to time, not with each message.
   */
  let start = 0;
  let bytes = 0;
  let last = base;
  let isOpen = true;

  const count = () => entries.length - start;
  const dropOldest = (): void => {
    const { length } = entries[start]!.message;
    bytes -= length;
    room.used -= length + ENTRY_OVERHEAD;
    start++;
  };
  const drop = ({ frames, bytes: most }: RingLimits): void => {
    while (count() > frames || bytes > most) dropOldest();
    while (room.used > room.limit && (count() > IDLE_RING.frames || bytes > IDLE_RING.bytes)) dropOldest();
    if (start > 1024 && start * 2 > entries.length) {
      entries = entries.slice(start);
      start = 0;
    }
  };

  return {
    add(entry) {
      if (!isOpen) return;
      entries.push(entry);
      bytes += entry.message.length;
      room.used += entry.message.length + ENTRY_OVERHEAD;
      last = entry.sequence;
      drop(limits);
    },
    after(sequence) {
      const first = last - count() + 1;
      if (sequence > last || sequence < first - 1) return null;
      return entries.slice(start + (sequence - first) + 1);
    },
    trim(to = IDLE_RING) {
      drop(to);
      entries = ownCopies(entries.slice(start), bytes);
      start = 0;
    },
    close() {
      isOpen = false;
      while (count() > 0) dropOldest();
      entries = [];
      start = 0;
    },
    get frames() {
      return count();
    },
    get bytes() {
      return bytes;
    },
  };
}

/**
 * Copies the entries to one piece of memory. Small messages are parts of shared pages, and one kept message would keep
 * its whole page in memory.
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
