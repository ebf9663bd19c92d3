/**
 * The three functions of the metadata proposal that `@peculiar/x509` uses through `tsyringe` and does not bring along.
 * Given only where nobody else has given them.
 */

type Key = string | symbol;
interface Metadata {
  defineMetadata?: (key: Key, value: unknown, target: object) => void;
  getOwnMetadata?: (key: Key, target: object) => unknown;
  getMetadata?: (key: Key, target: object) => unknown;
}

export function provideMetadata(): void {
  const reflect = Reflect as Metadata;
  if (reflect.getMetadata !== undefined) return;
  const store = new WeakMap<object, Map<Key, unknown>>();
  reflect.defineMetadata = (key, value, target) => {
    const own = store.get(target) ?? new Map<Key, unknown>();
    store.set(target, own.set(key, value));
  };
  reflect.getOwnMetadata = (key, target) => store.get(target)?.get(key);
  reflect.getMetadata = (key, target) => {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
      const own = store.get(at);
      if (own?.has(key) === true) return own.get(key);
    }
    return undefined;
  };
}
