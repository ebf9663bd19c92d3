/** Lists of threads: list, search, read, and read marks. */
import {
  anyOf,
  bool,
  dict,
  gated,
  list,
  nullish,
  omittable,
  oneOf,
  optional,
  patch,
  struct,
  tagged,
  text,
  u32,
} from '../../shape/kit.js';
import { RequestId } from '../common/envelope.js';
import type { Wire } from '../../shape/kit.js';
import { SortDirection } from '../common/paths.js';
import { Thread } from './thread.js';

export const ThreadSortKey = oneOf('ThreadSortKey', ['created_at', 'updated_at', 'recency_at', 'section_position']);
export type ThreadSortKey = Wire<typeof ThreadSortKey>;

export const ThreadSourceKind = oneOf('ThreadSourceKind', [
  'cli',
  'vscode',
  'exec',
  'appServer',
  'subAgent',
  'subAgentReview',
  'subAgentCompact',
  'subAgentThreadSpawn',
  'subAgentOther',
  'unknown',
]);
export type ThreadSourceKind = Wire<typeof ThreadSourceKind>;

export const ThreadListCwdFilter = anyOf('ThreadListCwdFilter', [text, list(text)]);
export type ThreadListCwdFilter = Wire<typeof ThreadListCwdFilter>;

export const ThreadListParams = struct('ThreadListParams', {
  includeAttachedThreads: gated(omittable(bool, false)),
  currentAccountOnly: omittable(bool, false),
  cursor: optional(text),
  limit: optional(u32),
  includedThreadIds: optional(list(text)),
  excludedThreadIds: optional(list(text)),
  sortKey: optional(ThreadSortKey),
  sortDirection: optional(SortDirection),
  modelProviders: optional(list(text)),
  sourceKinds: optional(list(ThreadSourceKind)),
  originators: optional(list(text)),
  archived: optional(bool),
  // Absent: every section and project. Null: the threads without one.
  sectionId: patch(text),
  projectId: gated(patch(text)),
  cwd: optional(ThreadListCwdFilter),
  useStateDbOnly: omittable(bool, false),
  searchTerm: optional(text),
  parentThreadId: gated(optional(text)),
  ancestorThreadId: gated(optional(text)),
  attachedToThreadId: gated(optional(text)),
});
export type ThreadListParams = Wire<typeof ThreadListParams>;

export const ThreadUnreadPosition = tagged('ThreadUnreadPosition', 'type', {
  threadStart: {},
  turn: {
    turnId: text,
  },
});
export type ThreadUnreadPosition = Wire<typeof ThreadUnreadPosition>;

export const ThreadReadState = struct('ThreadReadState', {
  firstUnread: nullish(ThreadUnreadPosition),
  revision: text,
});
export type ThreadReadState = Wire<typeof ThreadReadState>;

export const ThreadListResponse = struct('ThreadListResponse', {
  data: list(Thread),
  readStates: gated(nullish(dict(ThreadReadState))),
  nextCursor: nullish(text),
  backwardsCursor: nullish(text),
});
export type ThreadListResponse = Wire<typeof ThreadListResponse>;

export const ThreadLoadedListParams = struct('ThreadLoadedListParams', {
  cursor: optional(text),
  limit: optional(u32),
});
export type ThreadLoadedListParams = Wire<typeof ThreadLoadedListParams>;

export const ThreadLoadedListResponse = struct('ThreadLoadedListResponse', {
  data: list(text),
  nextCursor: nullish(text),
});
export type ThreadLoadedListResponse = Wire<typeof ThreadLoadedListResponse>;

export const ThreadReadParams = struct('ThreadReadParams', {
  threadId: text,
  includeTurns: omittable(bool, false),
});
export type ThreadReadParams = Wire<typeof ThreadReadParams>;

export const ThreadReadResponse = struct('ThreadReadResponse', {
  thread: Thread,
  readState: gated(nullish(ThreadReadState)),
});
export type ThreadReadResponse = Wire<typeof ThreadReadResponse>;

export const ThreadReadStateChangedNotification = struct('ThreadReadStateChangedNotification', {
  threadId: text,
  readState: ThreadReadState,
});
export type ThreadReadStateChangedNotification = Wire<typeof ThreadReadStateChangedNotification>;

export const ThreadReadStateOperation = tagged('ThreadReadStateOperation', 'type', {
  read: {},
  unread: {},
});
export type ThreadReadStateOperation = Wire<typeof ThreadReadStateOperation>;

export const ThreadReadStateUpdateParams = struct('ThreadReadStateUpdateParams', {
  threadId: text,
  operation: ThreadReadStateOperation,
  expectedRevision: text,
});
export type ThreadReadStateUpdateParams = Wire<typeof ThreadReadStateUpdateParams>;

export const ThreadReadStateUpdateResponse = struct('ThreadReadStateUpdateResponse', {
  readState: ThreadReadState,
});
export type ThreadReadStateUpdateResponse = Wire<typeof ThreadReadStateUpdateResponse>;

export const ThreadSearchTextRange = struct('ThreadSearchTextRange', {
  start: u32,
  end: u32,
});
export type ThreadSearchTextRange = Wire<typeof ThreadSearchTextRange>;

export const ThreadSearchOccurrence = struct('ThreadSearchOccurrence', {
  turnId: text,
  itemId: text,
  snippet: text,
  snippetMatchRange: ThreadSearchTextRange,
  turnCursor: text,
});
export type ThreadSearchOccurrence = Wire<typeof ThreadSearchOccurrence>;

export const ThreadSearchOccurrencesParams = struct('ThreadSearchOccurrencesParams', {
  threadId: text,
  searchTerm: text,
  cursor: optional(text),
  limit: optional(u32),
});
export type ThreadSearchOccurrencesParams = Wire<typeof ThreadSearchOccurrencesParams>;

export const ThreadSearchOccurrencesResponse = struct('ThreadSearchOccurrencesResponse', {
  data: list(ThreadSearchOccurrence),
  nextCursor: nullish(text),
});
export type ThreadSearchOccurrencesResponse = Wire<typeof ThreadSearchOccurrencesResponse>;

export const ThreadSearchSortKey = oneOf('ThreadSearchSortKey', ['created_at', 'updated_at', 'recency_at']);
export type ThreadSearchSortKey = Wire<typeof ThreadSearchSortKey>;

export const ThreadSearchParams = struct('ThreadSearchParams', {
  includeAttachedThreads: omittable(bool, false),
  currentAccountOnly: omittable(bool, false),
  cursor: optional(text),
  limit: optional(u32),
  sortKey: optional(ThreadSearchSortKey),
  sortDirection: optional(SortDirection),
  sourceKinds: optional(list(ThreadSourceKind)),
  archived: optional(bool),
  searchTerm: text,
});
export type ThreadSearchParams = Wire<typeof ThreadSearchParams>;

export const ThreadSearchResult = struct('ThreadSearchResult', {
  thread: Thread,
  snippet: text,
});
export type ThreadSearchResult = Wire<typeof ThreadSearchResult>;

export const ThreadSearchResponse = struct('ThreadSearchResponse', {
  data: list(ThreadSearchResult),
  nextCursor: nullish(text),
  backwardsCursor: nullish(text),
});
export type ThreadSearchResponse = Wire<typeof ThreadSearchResponse>;

/** Since 0.171: a thread that thread/search/stream has found, before its answer. */
export const ThreadSearchPartialNotification = struct('ThreadSearchPartialNotification', {
  requestId: RequestId,
  data: list(ThreadSearchResult),
});
export type ThreadSearchPartialNotification = Wire<typeof ThreadSearchPartialNotification>;

export const ThreadSearchCancelParams = struct('ThreadSearchCancelParams', {
  requestId: RequestId,
});
export type ThreadSearchCancelParams = Wire<typeof ThreadSearchCancelParams>;

export const ThreadSearchCancelResponse = struct('ThreadSearchCancelResponse', {});
export type ThreadSearchCancelResponse = Wire<typeof ThreadSearchCancelResponse>;
