/**
 * How models call servers and tools (docs/protocol/services.md §7, "Tools for the model"): names that endpoints take,
 * and that no two have.
 */
import { distinctNames } from '../../../system/node/distinct-names.js';

/** An endpoint's limit for a namespace and a name with two characters between them. */
const MAX_NAME = 128;

/** By raw name. Stable: it does not depend on their order. */
export function namespaceNames(servers: readonly string[]): ReadonlyMap<string, string> {
  return distinctNames(servers, (server) => `mcp__${cleaned(server)}`, MAX_NAME / 2 + MAX_NAME / 4 + 9);
}

/** The tools of one server, by raw name. */
export function toolNames(tools: readonly string[], namespace: string): ReadonlyMap<string, string> {
  return distinctNames(tools, (tool) => cleaned(tool) || '_', MAX_NAME - namespace.length - 2);
}

const cleaned = (name: string): string => name.replace(/[^A-Za-z0-9_]/gu, '_');
