/**
 * The paths of a tree, in memory that the collector does not look at: a tree has hundreds of thousands.
 *
 * A path is kept as its bytes in UTF-8, relative to its root and with `/`. Numbers of paths count from 0.
 */
import { charactersOf, kindOf, folded, ASCII_FOLDED, ASCII_KIND } from './characters.js';
import { makeRoom, type Haystack } from './alignment.js';

const FOLDER = 1;
const NOT_ASCII = 2;
const SLASH = 0x2f;

export class PathIndex {
  /** All paths, one behind the other. */
  #bytes = Buffer.allocUnsafe(1 << 16);
  /** Where each path begins, and where the last one ends. */
  #starts = new Uint32Array(1025);
  /** Where the name begins in each path, in bytes. */
  #names = new Uint32Array(1024);
  #flags = new Uint8Array(1024);
  #roots = new Uint16Array(1024);
  /** Which letters a path has, `maskOf`. */
  #masks = new Uint32Array(1024);
  /** The characters of the paths that are not ASCII. */
  readonly #characters = new Map<number, Uint32Array>();
  #size = 0;

  /** How many paths there are. */
  get size(): number {
    return this.#size;
  }

  /** In bytes. */
  get memory(): number {
    return this.#bytes.length + this.#flags.length * (4 + 4 + 1 + 2 + 4) + this.#characters.size * 200;
  }

  /** `root`: the number of its root. */
  add(root: number, path: string, isFolder: boolean): void {
    if (this.#size === this.#flags.length) this.#grow();
    const id = this.#size;
    const start = this.#starts[id]!;
    this.#ensure(start + path.length * 3);
    const length = this.#bytes.write(path, start, 'utf8');
    const end = start + length;
    this.#starts[id + 1] = end;
    const isAscii = length === path.length;
    this.#flags[id] = (isFolder ? FOLDER : 0) | (isAscii ? 0 : NOT_ASCII);
    this.#roots[id] = root;
    this.#names[id] = this.#bytes.subarray(start, end).lastIndexOf(SLASH) + 1;
    if (isAscii) this.#masks[id] = maskOf(this.#bytes, start, end);
    else {
      this.#characters.set(id, charactersOf(path));
      this.#masks[id] = EVERY;
    }
    this.#size++;
  }

  isFolder = (id: number): boolean => (this.#flags[id]! & FOLDER) !== 0;
  rootOf = (id: number): number => this.#roots[id]!;
  pathOf = (id: number): string => this.#bytes.toString('utf8', this.#starts[id], this.#starts[id + 1]);
  nameOf = (id: number): string =>
    this.#bytes.toString('utf8', this.#starts[id]! + this.#names[id]!, this.#starts[id + 1]);

  /** Of the path, in characters. */
  lengthOf(id: number): number {
    const length = this.#starts[id + 1]! - this.#starts[id]!;
    return (this.#flags[id]! & NOT_ASCII) === 0 ? length : this.#characters.get(id)!.length;
  }

  /** Of the name, in characters. */
  nameLengthOf(id: number): number {
    if ((this.#flags[id]! & NOT_ASCII) === 0) return this.#starts[id + 1]! - this.#starts[id]! - this.#names[id]!;
    const all = this.#characters.get(id)!;
    return all.length - 1 - all.lastIndexOf(SLASH);
  }

  /** By the bytes of the paths. */
  compare(one: number, other: number): number {
    const starts = this.#starts;
    return this.#bytes.compare(this.#bytes, starts[other], starts[other + 1], starts[one], starts[one + 1]);
  }

  /** Slashes in the path. */
  depthOf(id: number): number {
    let depth = 0;
    for (let at = this.#starts[id]!; at < this.#starts[id + 1]!; at++) if (this.#bytes[at] === SLASH) depth++;
    return depth;
  }

  /** Whether the path can have the characters of a mask, `maskOf`: false is certain. */
  mayHave(id: number, mask: number): boolean {
    return (this.#masks[id]! & mask) === mask;
  }

  /**
   * Whether the characters of an ASCII `needle` are in the path in this order, or in the name alone; null: the path is
   * not ASCII.
   */
  hasInOrder(id: number, needle: Uint32Array, inName: boolean): boolean | null {
    if ((this.#flags[id]! & NOT_ASCII) !== 0) return null;
    const bytes = this.#bytes;
    const end = this.#starts[id + 1]!;
    let at = this.#starts[id]! + (inName ? this.#names[id]! : 0);
    let next = 0;
    for (; at < end; at++) if (ASCII_FOLDED[bytes[at]!] === needle[next] && ++next === needle.length) return true;
    return false;
  }

  /** Puts a path, or its name alone, into `haystack`. `plain`: accents do not count. */
  read(id: number, haystack: Haystack, plain: boolean, inName: boolean): void {
    if ((this.#flags[id]! & NOT_ASCII) === 0) {
      const start = this.#starts[id]! + (inName ? this.#names[id]! : 0);
      const length = this.#starts[id + 1]! - start;
      makeRoom(haystack, length);
      haystack.isAscii = true;
      const { folded: to, kinds } = haystack;
      for (let at = 0; at < length; at++) {
        const byte = this.#bytes[start + at]!;
        to[at] = ASCII_FOLDED[byte]!;
        kinds[at] = ASCII_KIND[byte]!;
      }
      return;
    }
    const all = this.#characters.get(id)!;
    const characters = inName ? all.subarray(all.lastIndexOf(SLASH) + 1) : all;
    makeRoom(haystack, characters.length);
    haystack.isAscii = false;
    characters.forEach((code, at) => {
      haystack.folded[at] = folded(code, plain);
      haystack.kinds[at] = kindOf(code);
    });
  }

  #grow(): void {
    const count = this.#flags.length * 2;
    this.#starts = larger(this.#starts, new Uint32Array(count + 1));
    this.#names = larger(this.#names, new Uint32Array(count));
    this.#flags = larger(this.#flags, new Uint8Array(count));
    this.#roots = larger(this.#roots, new Uint16Array(count));
    this.#masks = larger(this.#masks, new Uint32Array(count));
  }

  #ensure(length: number): void {
    if (length <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, length));
    this.#bytes.copy(bytes);
    this.#bytes = bytes;
  }
}

function larger<T extends Uint8Array | Uint16Array | Uint32Array>(old: T, made: T): T {
  made.set(old);
  return made;
}

const EVERY = 0xffffffff;

/** A bit for each letter; digits, and all other characters, share one. */
export function maskOf(bytes: ArrayLike<number>, start: number, end: number): number {
  let mask = 0;
  for (let at = start; at < end; at++) mask |= BITS[bytes[at]! & 0x7f]!;
  return mask;
}
const BITS = Uint32Array.from({ length: 128 }, (_, code) => {
  const lower = ASCII_FOLDED[code]!;
  if (lower >= 0x61 && lower <= 0x7a) return 1 << (lower - 0x61);
  return lower >= 0x30 && lower <= 0x39 ? 1 << 26 : lower === 0x2e ? 1 << 27 : lower === 0x5f ? 1 << 28 : 1 << 29;
});
