/** The history of a thread: turns, items, timeline. */
import {
  anyOf,
  bool,
  gated,
  i64,
  json,
  list,
  nullish,
  omittable,
  optional,
  struct,
  tagged,
  text,
  u32,
  u64,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { ThreadItem } from './item.js';
import { SortDirection } from '../common/paths.js';
import { ThreadRealtimeItem } from './realtime.js';
import { Thread } from './thread.js';
import { Turn, TurnError, TurnItemsView, TurnStatus } from './turn.js';

export const ThreadInjectItemsParams = struct('ThreadInjectItemsParams', {
  threadId: text,
  items: list(json),
});
export type ThreadInjectItemsParams = Wire<typeof ThreadInjectItemsParams>;

export const ThreadInjectItemsResponse = struct('ThreadInjectItemsResponse', {});
export type ThreadInjectItemsResponse = Wire<typeof ThreadInjectItemsResponse>;

export const ThreadItemEntry = struct('ThreadItemEntry', {
  turnId: text,
  item: ThreadItem,
  outputDeferred: gated(omittable(bool, false)),
  startedAtMs: nullish(i64),
  completedAtMs: nullish(i64),
});
export type ThreadItemEntry = Wire<typeof ThreadItemEntry>;

export const ThreadItemOutputDeferral = struct('ThreadItemOutputDeferral', {
  commandExecution: gated(omittable(bool, false)),
  mcpToolCall: gated(omittable(bool, false)),
});
export type ThreadItemOutputDeferral = Wire<typeof ThreadItemOutputDeferral>;

export const ThreadItemsListAnchor = tagged('ThreadItemsListAnchor', 'type', {
  item: {
    itemId: text,
  },
});
export type ThreadItemsListAnchor = Wire<typeof ThreadItemsListAnchor>;

export const ThreadItemsListCursor = anyOf('ThreadItemsListCursor', [text, ThreadItemsListAnchor]);
export type ThreadItemsListCursor = Wire<typeof ThreadItemsListCursor>;

export const ThreadItemsListParams = struct('ThreadItemsListParams', {
  threadId: text,
  turnId: optional(text),
  cursor: optional(ThreadItemsListCursor),
  limit: optional(u32),
  sortDirection: optional(SortDirection),
  deferOutput: optional(ThreadItemOutputDeferral),
});
export type ThreadItemsListParams = Wire<typeof ThreadItemsListParams>;

export const ThreadItemsListResponse = struct('ThreadItemsListResponse', {
  data: list(ThreadItemEntry),
  nextCursor: nullish(text),
  backwardsCursor: nullish(text),
});
export type ThreadItemsListResponse = Wire<typeof ThreadItemsListResponse>;

export const ThreadItemsReadParams = struct('ThreadItemsReadParams', {
  threadId: text,
  turnId: text,
  itemIds: list(text),
});
export type ThreadItemsReadParams = Wire<typeof ThreadItemsReadParams>;

export const ThreadItemsReadResponse = struct('ThreadItemsReadResponse', {
  data: list(ThreadItemEntry),
});
export type ThreadItemsReadResponse = Wire<typeof ThreadItemsReadResponse>;

export const ThreadRevertParams = struct('ThreadRevertParams', {
  threadId: text,
  beforeTurnId: text,
});
export type ThreadRevertParams = Wire<typeof ThreadRevertParams>;

export const ThreadRevertResponse = struct('ThreadRevertResponse', {
  thread: Thread,
  turnsBackwardsCursor: nullish(text),
  itemsBackwardsCursor: nullish(text),
});
export type ThreadRevertResponse = Wire<typeof ThreadRevertResponse>;

export const ThreadRevertedNotification = struct('ThreadRevertedNotification', {
  threadId: text,
});
export type ThreadRevertedNotification = Wire<typeof ThreadRevertedNotification>;

export const ThreadTimelineEntry = tagged('ThreadTimelineEntry', 'type', {
  item: {
    position: u64,
    turnId: text,
    item: ThreadItem,
  },
  realtime: {
    position: u64,
    item: ThreadRealtimeItem,
  },
  turnStarted: {
    position: u64,
    turnId: text,
    startedAt: nullish(i64),
  },
  turnCompleted: {
    position: u64,
    turnId: text,
    status: TurnStatus,
    error: nullish(TurnError),
    startedAt: nullish(i64),
    completedAt: nullish(i64),
    durationMs: nullish(i64),
  },
});
export type ThreadTimelineEntry = Wire<typeof ThreadTimelineEntry>;

export const ThreadTimelineListParams = struct('ThreadTimelineListParams', {
  threadId: text,
  cursor: optional(text),
  limit: optional(u32),
});
export type ThreadTimelineListParams = Wire<typeof ThreadTimelineListParams>;

export const ThreadTimelineListResponse = struct('ThreadTimelineListResponse', {
  data: list(ThreadTimelineEntry),
  nextCursor: nullish(text),
  activeRealtimeSessionAtPageStart: nullish(text),
});
export type ThreadTimelineListResponse = Wire<typeof ThreadTimelineListResponse>;

export const ThreadTurnsListParams = struct('ThreadTurnsListParams', {
  threadId: text,
  cursor: optional(text),
  limit: optional(u32),
  sortDirection: optional(SortDirection),
  itemsView: optional(TurnItemsView),
});
export type ThreadTurnsListParams = Wire<typeof ThreadTurnsListParams>;

export const ThreadTurnsListResponse = struct('ThreadTurnsListResponse', {
  data: list(Turn),
  nextCursor: nullish(text),
  backwardsCursor: nullish(text),
});
export type ThreadTurnsListResponse = Wire<typeof ThreadTurnsListResponse>;
