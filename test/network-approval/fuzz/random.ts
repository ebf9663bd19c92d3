/** Numbers and mutations that a seed repeats. */
export interface Random {
  /** 0 to below `limit`. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
}

/** mulberry32. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (limit: number): number => next() % limit;
  return { below, pick: (list) => list[below(list.length)] as (typeof list)[number] };
}

/** Octets that mean something to somebody. */
const OCTETS = [
  ...Buffer.from('\0\r\n\t \x0b\x0c:;,.%@[]/\\?#*"0x-+=_aZ\x05\x04\x01\x03\x16\x7f\x80\xc0\xff', 'latin1'),
];

/** One to five changes: bits, octets, ranges, words of `dictionary`, halves of other seeds. */
export function mutate(seeds: readonly Buffer[], dictionary: readonly string[], from: Random): Buffer {
  let bytes: Buffer = Buffer.from(from.pick(seeds));
  for (let changes = 1 + from.below(5); changes > 0; changes--) {
    const at = from.below(bytes.length + 1);
    const length = from.below(Math.min(bytes.length - at, 12) + 1);
    const put = (middle: Buffer, dropped = 0): Buffer =>
      Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(at + dropped)]);
    switch (from.below(8)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << from.below(8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = from.pick(OCTETS);
        break;
      case 2:
        bytes = put(Buffer.from([from.pick(OCTETS)]));
        break;
      case 3:
        bytes = put(Buffer.alloc(0), length);
        break;
      case 4:
        bytes = put(bytes.subarray(at, at + length));
        break;
      case 5:
        bytes = put(Buffer.from(from.pick(dictionary), 'latin1'), from.below(2) * length);
        break;
      case 6: {
        const other = from.pick(seeds);
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(from.below(other.length + 1))]);
        break;
      }
      default:
        if (at < bytes.length) bytes[at] = from.below(256);
    }
  }
  return bytes.subarray(0, 4096);
}
