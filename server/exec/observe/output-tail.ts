/**
 * The end of a command's output, for operators who start to look later.
 *
 * Rule: one tail has at most 256 KiB, and all tails together a limit, so neither a command nor many of them fill the
 * memory. Output is copied: a kept piece would keep the whole buffer that it was read into.
 */

/** What a watcher is given first. */
export const TAIL_BYTES = 256 * 1024;
const FIRST_BYTES = 4 * 1024;
const ALL_TAILS_BYTES = 64 * 1024 * 1024;
let reserved = 0;

export interface OutputTail {
  readonly bytes: number;
  add(piece: Buffer): void;
  /** The kept end of the output, in order. */
  read(): Buffer;
  /** Frees the memory. Keeps nothing afterwards. */
  close(): void;
}

export function createOutputTail(limit = TAIL_BYTES): OutputTail {
  let ring = Buffer.alloc(0);
  let total = 0;
  let closed = false;

  /** Makes room for `size` octets, as far as the limits allow. */
  const grow = (size: number): void => {
    let next = Math.max(ring.length, FIRST_BYTES);
    while (next < size && next < limit) next *= 2;
    next = Math.min(next, limit);
    if (next <= ring.length || reserved + next - ring.length > ALL_TAILS_BYTES) return;
    const kept = readAll();
    reserved += next - ring.length;
    ring = Buffer.allocUnsafeSlow(next);
    // The octet number n of the output stands at n modulo the size.
    write(kept, total - kept.length);
  };
  const write = (piece: Buffer, from: number): void => {
    const start = from % ring.length;
    const copied = piece.copy(ring, start);
    if (copied < piece.length) piece.copy(ring, 0, copied);
  };
  const readAll = (): Buffer => {
    const size = Math.min(total, ring.length);
    if (size === 0) return Buffer.alloc(0);
    const start = (total - size) % ring.length;
    const first = ring.subarray(start, Math.min(start + size, ring.length));
    return Buffer.concat([first, ring.subarray(0, size - first.length)], size);
  };

  return {
    get bytes() {
      return total;
    },
    add(piece) {
      if (closed) return void (total += piece.length);
      if (ring.length < limit && total + piece.length > ring.length) grow(total + piece.length);
      if (ring.length > 0) {
        const end = piece.length > ring.length ? piece.subarray(piece.length - ring.length) : piece;
        write(end, total + piece.length - end.length);
      }
      total += piece.length;
    },
    read: () => (closed ? Buffer.alloc(0) : readAll()),
    close() {
      if (closed) return;
      closed = true;
      reserved -= ring.length;
      ring = Buffer.alloc(0);
    },
  };
}
