/** A map that remembers a bounded number of entries: the entry that was set longest ago is dropped first. */
export class BoundedMap<K, V> {
  readonly #capacity: number;
  readonly #isPinned: (key: K) => boolean;
  readonly #entries = new Map<K, V>();

  /**
   * `capacity`: the largest number of entries. `isPinned`: keys that are never dropped; they may exceed the capacity.
   */
  constructor(capacity: number, isPinned: (key: K) => boolean = () => false) {
    this.#capacity = capacity;
    this.#isPinned = isPinned;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** Makes the entry the newest one, also when the key was known. Set on every use, the map drops the least used. */
  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#capacity) return;
      if (oldest !== key && !this.#isPinned(oldest)) this.#entries.delete(oldest);
    }
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  /** Oldest first. */
  values(): IterableIterator<V> {
    return this.#entries.values();
  }
}
