/** Names for other programs that limit their length, and that no two things share. */
import { createHash } from 'node:crypto';

const HASH_LENGTH = 12;

/**
 * The name of each key: what `nameOf` says, or, where that is longer than `limit` or another key has it too, its start
 * with `_` and twelve hexadecimal digits of the key. A name does not depend on the order of the keys.
 */
export function distinctNames(
  keys: readonly string[],
  nameOf: (key: string) => string,
  limit: number,
): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  for (const key of new Set(keys)) counts.set(nameOf(key), (counts.get(nameOf(key)) ?? 0) + 1);
  return new Map(
    [...new Set(keys)].map((key) => {
      const name = nameOf(key);
      if (counts.get(name) === 1 && name.length <= limit) return [key, name];
      const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_LENGTH);
      return [key, `${name.slice(0, Math.max(0, limit - HASH_LENGTH - 1))}_${hash}`];
    }),
  );
}
