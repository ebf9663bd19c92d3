/**
 * Items of the model's history: codexd sends them to the model endpoint, receives them from it, and stores them as
 * `response_item` records (docs/protocol/threads.md §12.2). `ResponseItem` is the protocol's strict form of them.
 *
 * Only the members that codexd reads are named, and each of them may be absent: servers and other programs omit members
 * that the protocol requires. All other members are kept unchanged.
 */
import { dict, json, list, omitted, optional, struct, tagged, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

/**
 * Extra members that a server of Chat Completions sent with an item and may need back, in the item's member `chat`.
 * They are returned to that provider only, and never over another API.
 */
export const ChatExtra = struct('ChatExtra', {
  provider: text,
  /** Members of the message. */
  message: omitted(dict(json)),
  /** Members of the tool call. */
  call: omitted(dict(json)),
  /** The member of the message with the reasoning. */
  reasoning: omitted(text),
});
export type ChatExtra = Readonly<Wire<typeof ChatExtra>>;

/** Members that items of every type may have. */
const COMMON = {
  id: optional(text),
  call_id: optional(text),
  encrypted_content: optional(text),
  chat: optional(ChatExtra),
  /** Members of the file that endpoints do not receive. */
  internal_chat_message_metadata_passthrough: optional(json),
};

/** A call's output: text, or a list of parts. Older files have other forms. */
const OUTPUT = { ...COMMON, name: optional(text), namespace: optional(text), output: optional(json) };

/** Items of the types that codexd knows. */
export const KnownHistoryItem = tagged('KnownHistoryItem', 'type', {
  additional_tools: COMMON,
  message: { ...COMMON, role: optional(text), content: optional(list(json)), phase: optional(json) },
  agent_message: { ...COMMON, author: optional(text), content: optional(list(json)) },
  reasoning: { ...COMMON, summary: optional(list(json)), content: optional(list(json)) },
  local_shell_call: { ...COMMON, action: optional(json) },
  function_call: { ...COMMON, name: optional(text), namespace: optional(text), arguments: optional(text) },
  tool_search_call: COMMON,
  function_call_output: OUTPUT,
  custom_tool_call: { ...COMMON, name: optional(text), namespace: optional(text), input: optional(text) },
  custom_tool_call_output: OUTPUT,
  tool_search_output: { ...COMMON, status: optional(text), execution: optional(text), tools: optional(list(json)) },
  web_search_call: { ...COMMON, action: optional(json) },
  image_generation_call: COMMON,
  compaction: COMMON,
  /** The name of `compaction` in older files. */
  compaction_summary: COMMON,
  configuration_update: COMMON,
  context_compaction: COMMON,
});
export type KnownHistoryItem = Unchanging<Wire<typeof KnownHistoryItem>>;

/** The members and their lists do not change: the history only grows. */
type Unchanging<T> = T extends unknown ? { readonly [M in keyof T]: UnchangingList<T[M]> } : never;
type UnchangingList<T> = T extends readonly (infer E)[] ? readonly E[] : T;

declare const unknownItem: unique symbol;

/**
 * An item of a type that this version does not know. It is stored, and no request contains it. Only the reader of items
 * (server/sessions/store/records/history-item.ts) makes it, so an item of a known type cannot pass for one.
 */
export interface UnknownHistoryItem {
  readonly [unknownItem]: true;
  readonly type: string;
  readonly [member: string]: unknown;
}

export type HistoryItem = KnownHistoryItem | UnknownHistoryItem;
