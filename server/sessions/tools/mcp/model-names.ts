/**
 * How models call servers and tools (docs/protocol/services.md §7, "Tools for the model"): names that endpoints take,
 * and that no two have.
 */
import { createHash } from 'node:crypto';

/** An endpoint's limit for a namespace and a name with two characters between them. */
const MAX_NAME = 128;
const HASH_LENGTH = 12;

/** By raw name. Stable: it does not depend on their order. */
export function namespaceNames(servers: readonly string[]): ReadonlyMap<string, string> {
  return distinctNames(servers, (server) => `mcp__${cleaned(server)}`, MAX_NAME / 2 + MAX_NAME / 4 + 9);
}

/** The tools of one server, by raw name. */
export function toolNames(tools: readonly string[], namespace: string): ReadonlyMap<string, string> {
  return distinctNames(tools, (tool) => cleaned(tool) || '_', MAX_NAME - namespace.length - 2);
}

const cleaned = (name: string): string => name.replace(/[^A-Za-z0-9_]/gu, '_');

/** Names that are too long, or the same as another's, get a part that is made of the raw name. */
function distinctNames(
  raw: readonly string[],
  nameOf: (raw: string) => string,
  limit: number,
): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  for (const one of new Set(raw)) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  return new Map(
    [...new Set(raw)].map((one) => {
      const name = nameOf(one);
      if (counts.get(name) === 1 && name.length <= limit) return [one, name];
      const hash = createHash('sha256').update(one).digest('hex').slice(0, HASH_LENGTH);
      return [one, `${name.slice(0, Math.max(0, limit - HASH_LENGTH - 1))}_${hash}`];
    }),
  );
}
