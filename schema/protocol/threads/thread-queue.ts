/** Queued messages of a thread. */
import { bool, dict, list, nullish, optional, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { UserInput } from './item.js';
import { Turn } from './turn.js';

export const QueuedSubmission = struct('QueuedSubmission', {
  id: text,
  input: list(UserInput),
  clientUserMessageId: text,
  responsesapiClientMetadata: nullish(dict(text)),
});
export type QueuedSubmission = Wire<typeof QueuedSubmission>;

export const ThreadQueueAddParams = struct('ThreadQueueAddParams', {
  threadId: text,
  input: list(UserInput),
  clientUserMessageId: text,
  responsesapiClientMetadata: optional(dict(text)),
});
export type ThreadQueueAddParams = Wire<typeof ThreadQueueAddParams>;

export const ThreadQueueAddResponse = struct('ThreadQueueAddResponse', {
  queuedSubmission: QueuedSubmission,
});
export type ThreadQueueAddResponse = Wire<typeof ThreadQueueAddResponse>;

export const ThreadQueueChangedNotification = struct('ThreadQueueChangedNotification', {
  threadId: text,
});
export type ThreadQueueChangedNotification = Wire<typeof ThreadQueueChangedNotification>;

export const ThreadQueueDeleteParams = struct('ThreadQueueDeleteParams', {
  threadId: text,
  queuedSubmissionId: text,
});
export type ThreadQueueDeleteParams = Wire<typeof ThreadQueueDeleteParams>;

export const ThreadQueueDeleteResponse = struct('ThreadQueueDeleteResponse', {
  deleted: bool,
});
export type ThreadQueueDeleteResponse = Wire<typeof ThreadQueueDeleteResponse>;

export const ThreadQueueListParams = struct('ThreadQueueListParams', {
  threadId: text,
  cursor: optional(text),
  limit: optional(u32),
});
export type ThreadQueueListParams = Wire<typeof ThreadQueueListParams>;

export const ThreadQueueListResponse = struct('ThreadQueueListResponse', {
  data: list(QueuedSubmission),
  nextCursor: nullish(text),
});
export type ThreadQueueListResponse = Wire<typeof ThreadQueueListResponse>;

export const ThreadQueueReorderParams = struct('ThreadQueueReorderParams', {
  threadId: text,
  queuedSubmissionIds: list(text),
});
export type ThreadQueueReorderParams = Wire<typeof ThreadQueueReorderParams>;

export const ThreadQueueReorderResponse = struct('ThreadQueueReorderResponse', {});
export type ThreadQueueReorderResponse = Wire<typeof ThreadQueueReorderResponse>;

export const ThreadQueueStartParams = struct('ThreadQueueStartParams', {
  threadId: text,
  queuedSubmissionId: optional(text),
});
export type ThreadQueueStartParams = Wire<typeof ThreadQueueStartParams>;

export const ThreadQueueStartResponse = struct('ThreadQueueStartResponse', {
  turn: Turn,
});
export type ThreadQueueStartResponse = Wire<typeof ThreadQueueStartResponse>;

export const ThreadQueueUpdateParams = struct('ThreadQueueUpdateParams', {
  threadId: text,
  queuedSubmissionId: text,
  input: list(UserInput),
  responsesapiClientMetadata: optional(dict(text)),
});
export type ThreadQueueUpdateParams = Wire<typeof ThreadQueueUpdateParams>;

export const ThreadQueueUpdateResponse = struct('ThreadQueueUpdateResponse', {
  queuedSubmission: QueuedSubmission,
});
export type ThreadQueueUpdateResponse = Wire<typeof ThreadQueueUpdateResponse>;
