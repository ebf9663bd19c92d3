/** An object without a prototype: `__proto__` and `constructor` are names like any other, whatever their source. */
export const bareObject = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;

/** Whether a value that somebody else wrote is a JSON object: neither null nor a list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object with a value for each of these keys. */
export function recordOf<K extends string, V>(keys: readonly K[], valueOf: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<K, V>;
}

/** The word of the list that the value is; null: it is another value. */
export const wordOf = <T extends string>(words: readonly T[], value: unknown): T | null =>
  words.find((word) => word === value) ?? null;
