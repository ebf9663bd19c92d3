/**
 * What a matched hook does to the headers of a request: strips some, then adds some.
 *
 * Threat: a stripped header that arrives all the same: repeated, in another spelling, or with `_` for `-`, which
 * gateways turn into the same variable (RFC 3875 §4.1.18); an injected one that the client's `Connection` takes away,
 * or that arrives beside the client's own.
 * Rule: names are compared without case and with `_` as `-`. What `Connection` names goes first, and the field with it.
 * An injected header replaces all of its name. Trailers are held to the same.
 */
import type { Header } from '../proxy/http/request-head.js';
import { listed } from '../proxy/http/request-head.js';

export interface HeaderChanges {
  /** Lower case. */
  readonly strip: readonly string[];
  readonly inject: readonly { readonly name: string; readonly value: string }[];
}

const keyOf = (name: string): string => name.toLowerCase().replaceAll('_', '-');

export function changedHeaders(headers: readonly Header[], changes: HeaderChanges): readonly Header[] {
  const added = new Map<string, Header>();
  // Of two with one name the later counts.
  for (const { name, value } of changes.inject) added.set(keyOf(name), { name, key: name.toLowerCase(), value });
  return [...without(endToEnd(headers), changes), ...added.values()];
}

/** A recipient may merge the fields behind a body into the head (RFC 9110 §6.5.2). */
export const keptTrailers = (fields: readonly Header[], changes: HeaderChanges): readonly Header[] =>
  without(fields, changes);

function without(headers: readonly Header[], { strip, inject }: HeaderChanges): readonly Header[] {
  const gone = new Set([...strip, ...inject.map(({ name }) => name)].map(keyOf));
  return headers.filter(({ key }) => !gone.has(keyOf(key)));
}

/** Without what the client meant for this hop alone: a hook neither matches it nor loses by it. */
export function endToEnd(headers: readonly Header[]): readonly Header[] {
  const named = listed(headers, 'connection');
  // Framing and trailers are this proxy's own affair (headers.ts).
  return headers.filter(({ key }) => key !== 'connection' && (!named.has(key) || FRAMING.has(key)));
}
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'te']);
