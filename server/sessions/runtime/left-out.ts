/**
 * The parts of a thread's history that an endpoint refused, and that are not sent to it any more. They are stored in
 * the thread's file, so that a resumed thread does not cause the same refusal again (docs/protocol/threads.md §12.2).
 */
import type { NewRecord, RecordPayload } from '../store/records/rollout-record.js';
import { isObject } from '../../system/node/objects.js';
import { LEFT_OUT_EVENT } from '../store/records/sniff-record.js';
import type { RuntimePart } from './part.js';

export type LeftOutRule =
  /** One item, with the output of a call, or the call of an output. `item`: its key (context/left-out-rules.ts). */
  | { readonly what: 'item'; readonly item: string }
  /** Every item of this type. */
  | { readonly what: 'type'; readonly type: string }
  /** One member of every item of this type. */
  | { readonly what: 'member'; readonly type: string; readonly member: string }
  /** Every part of this type in messages and outputs: a text replaces it. */
  | { readonly what: 'parts'; readonly type: string }
  /** Outputs of this type are sent as text. */
  | { readonly what: 'plain-output'; readonly type: string };

export interface LeftOut extends RuntimePart {
  /** `scope`: the endpoint and the model that refused it. Rejects if the thread's file cannot be read. */
  rules(scope: string): Promise<readonly LeftOutRule[]>;
  /** Adds rules; returns the record for the thread's file. */
  add(scope: string, rules: readonly LeftOutRule[]): NewRecord;
}

/** `stored`: the payload of the thread's last record of this kind; null: there is none. */
export function createLeftOut(stored: () => Promise<RecordPayload | null>): LeftOut {
  let known: Promise<Map<string, readonly LeftOutRule[]>> | null = null;
  const added = new Map<string, readonly LeftOutRule[]>();
  return {
    async rules(scope) {
      if (added.has(scope)) return added.get(scope) ?? [];
      known ??= stored().then(rulesIn);
      const rules = await known.catch((error: unknown) => {
        known = null; // the next request tries again
        throw error;
      });
      for (const [name, list] of rules) if (!added.has(name)) added.set(name, list);
      return added.get(scope) ?? [];
    },
    add(scope, rules) {
      added.set(scope, [...(added.get(scope) ?? []), ...rules]);
      return { type: 'event_msg', payload: { type: LEFT_OUT_EVENT, scopes: Object.fromEntries(added) } };
    },
    get held() {
      return added.size;
    },
    close() {
      added.clear();
      known = Promise.resolve(new Map());
    },
  };
}

/** Other programs write files, too: an invalid rule is ignored. */
function rulesIn(payload: RecordPayload | null): Map<string, readonly LeftOutRule[]> {
  const scopes = payload?.['scopes'];
  if (!isObject(scopes)) return new Map();
  return new Map(
    Object.entries(scopes).flatMap(([scope, list]) => (Array.isArray(list) ? [[scope, list.filter(isRule)]] : [])),
  );
}

function isRule(value: unknown): value is LeftOutRule {
  if (!isObject(value)) return false;
  const { what, item, type, member } = value;
  switch (what) {
    case 'item':
      return typeof item === 'string';
    case 'type':
    case 'parts':
    case 'plain-output':
      return typeof type === 'string';
    case 'member':
      return typeof type === 'string' && typeof member === 'string';
    default:
      return false;
  }
}
