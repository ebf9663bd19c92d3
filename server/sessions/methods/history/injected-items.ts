/**
 * The entries of thread/inject_items (docs/protocol/threads.md §10): items of the model's history, bare, or since 0.171
 * as `{item, retention}`. The words of refusals are those of the official program.
 */
import type { KnownHistoryItem } from '../../../../schema/protocol/threads/history-item.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { decodeRequest } from '../../../rpc/wire/decode.js';
import { isObject } from '../../../system/node/objects.js';
import { callIdOf, isKnownItem, readHistoryItem } from '../../store/records/history-item.js';
import { outputTypeOf } from '../../store/records/model-history.js';

export interface InjectedItem {
  readonly item: KnownHistoryItem;
  /** Whether compactions keep it; null: the entry does not say. */
  readonly stays: boolean | null;
}

interface Entry {
  readonly item: unknown;
  readonly stays: boolean | null;
}

/** Items of unknown types are accepted and dropped. Throws RpcError for the first entry that is not right. */
export function injectedItems(entries: readonly unknown[]): InjectedItem[] {
  const read = entries.map((entry, at) => {
    const { item, stays } = readEntry(entry, (problem) =>
      invalidRequest(`items[${at}] is not a valid response item: ${problem}`),
    );
    const known = readHistoryItem(item);
    return known !== null && isKnownItem(known) ? { item: known, stays } : null;
  });
  assertPairs(read);
  return read.filter((one) => one !== null);
}

type Refuse = (problem: string) => Error;

/** An object with `type` is a bare item. Everything else is read as a wrapper, also `[item, retention]`. */
function readEntry(entry: unknown, refuse: Refuse): Entry {
  if (isObject(entry) && 'type' in entry) return { item: itemIn(entry, refuse), stays: null };
  if (Array.isArray(entry)) {
    const [item, retention]: readonly unknown[] = entry;
    if (entry.length > 0) itemIn(item, refuse);
    if (entry.length < 2) throw refuse(`invalid length ${entry.length}, expected struct WrappedItem with 2 elements`);
    return { item, stays: staysIn(retention, refuse) };
  }
  if (!isObject(entry)) throw refuse(`invalid type: ${kindOf(entry)}, expected struct WrappedItem`);
  let stays: boolean | null = null;
  for (const [member, value] of Object.entries(entry)) {
    if (member === 'item') itemIn(value, refuse);
    if (member === 'retention') stays = staysIn(value, refuse);
  }
  if (!('item' in entry)) throw refuse('missing field `item`');
  if (stays === null) throw refuse('missing field `retention`');
  return { item: entry['item'], stays };
}

function staysIn(retention: unknown, refuse: Refuse): boolean {
  if (typeof retention !== 'string') throw refuse(`invalid type: ${kindOf(retention)}, expected string or map`);
  if (retention === 'always' || retention === 'default') return retention === 'always';
  throw refuse(`unknown variant \`${retention}\`, expected \`default\` or \`always\``);
}

/** Checks it, and returns it. */
function itemIn(item: unknown, refuse: Refuse): unknown {
  const problem = problemWith(item);
  if (problem !== null) throw refuse(problem);
  return item;
}

/** The mistake in an item, in the words of the protocol's decoder; null: there is none. */
function problemWith(item: unknown): string | null {
  if (isObject(item) && 'type' in item && typeof item['type'] !== 'string')
    return `invalid type: ${kindOf(item['type'])}, expected variant identifier`;
  if (typeof item === 'number') return 'invalid type: number, expected internally tagged enum ResponseItem';
  // The history of thread/resume is a list of the same items, and only its decoder is compiled. Decoding adds defaults,
  // so it gets a copy.
  const outcome = decodeRequest('thread/resume', { threadId: '', history: [structuredClone(item)] });
  return outcome.ok ? null : outcome.message;
}

/** How the official program names a value of the wrong type. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`;
  if (typeof value === 'boolean') return `boolean \`${value}\``;
  if (Array.isArray(value)) return 'sequence';
  return typeof value === 'number' ? 'number' : 'map';
}

/** A call that stays without its output, or the reverse, is one that every later request would be refused for. */
function assertPairs(items: readonly (InjectedItem | null)[]): void {
  for (let at = 0; at < items.length; at++) {
    const one = items[at];
    if (one?.stays !== true || callIdOf(one.item) === null) continue;
    const next = items[at + 1];
    const output = outputTypeOf(one.item.type);
    const isPair =
      output !== null &&
      next?.stays === true &&
      next.item.type === output &&
      callIdOf(next.item) === callIdOf(one.item);
    if (!isPair)
      throw invalidRequest(
        `items[${at}]: retained tool calls and outputs must be adjacent in the same request, call first, with both marked always`,
      );
    at++;
  }
}
