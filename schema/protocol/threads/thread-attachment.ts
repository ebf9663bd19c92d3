/** Attachments of threads. */
import { bool, i64, json, list, nullish, oneOf, optional, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const ThreadAttachment = struct('ThreadAttachment', {
  id: text,
  attachmentType: text,
  identityKey: text,
  payload: json,
  createdAt: i64,
});
export type ThreadAttachment = Wire<typeof ThreadAttachment>;

export const ThreadAttachmentAddOutcome = oneOf('ThreadAttachmentAddOutcome', ['created', 'existing']);
export type ThreadAttachmentAddOutcome = Wire<typeof ThreadAttachmentAddOutcome>;

export const ThreadAttachmentAddParams = struct('ThreadAttachmentAddParams', {
  threadId: text,
  attachmentType: text,
  identityKey: text,
  payload: json,
});
export type ThreadAttachmentAddParams = Wire<typeof ThreadAttachmentAddParams>;

export const ThreadAttachmentAddResponse = struct('ThreadAttachmentAddResponse', {
  outcome: ThreadAttachmentAddOutcome,
  attachment: ThreadAttachment,
});
export type ThreadAttachmentAddResponse = Wire<typeof ThreadAttachmentAddResponse>;

export const ThreadAttachmentListParams = struct('ThreadAttachmentListParams', {
  threadId: text,
  cursor: optional(text),
  limit: optional(u32),
});
export type ThreadAttachmentListParams = Wire<typeof ThreadAttachmentListParams>;

export const ThreadAttachmentListResponse = struct('ThreadAttachmentListResponse', {
  data: list(ThreadAttachment),
  nextCursor: nullish(text),
});
export type ThreadAttachmentListResponse = Wire<typeof ThreadAttachmentListResponse>;

export const ThreadAttachmentOperation = oneOf('ThreadAttachmentOperation', ['created', 'deleted']);
export type ThreadAttachmentOperation = Wire<typeof ThreadAttachmentOperation>;

export const ThreadAttachmentOwner = struct('ThreadAttachmentOwner', {
  threadId: text,
  archived: bool,
});
export type ThreadAttachmentOwner = Wire<typeof ThreadAttachmentOwner>;

export const ThreadAttachmentOwnerListParams = struct('ThreadAttachmentOwnerListParams', {
  attachmentType: text,
  identityKey: text,
  archived: optional(bool),
  cursor: optional(text),
  limit: optional(u32),
});
export type ThreadAttachmentOwnerListParams = Wire<typeof ThreadAttachmentOwnerListParams>;

export const ThreadAttachmentOwnerListResponse = struct('ThreadAttachmentOwnerListResponse', {
  data: list(ThreadAttachmentOwner),
  nextCursor: nullish(text),
});
export type ThreadAttachmentOwnerListResponse = Wire<typeof ThreadAttachmentOwnerListResponse>;

export const ThreadAttachmentRemoveParams = struct('ThreadAttachmentRemoveParams', {
  threadId: text,
  attachmentType: text,
  identityKey: text,
});
export type ThreadAttachmentRemoveParams = Wire<typeof ThreadAttachmentRemoveParams>;

export const ThreadAttachmentRemoveResponse = struct('ThreadAttachmentRemoveResponse', {});
export type ThreadAttachmentRemoveResponse = Wire<typeof ThreadAttachmentRemoveResponse>;

export const ThreadAttachmentUpdatedNotification = struct('ThreadAttachmentUpdatedNotification', {
  threadId: text,
  attachmentType: text,
  identityKey: text,
  attachmentId: text,
  operation: ThreadAttachmentOperation,
});
export type ThreadAttachmentUpdatedNotification = Wire<typeof ThreadAttachmentUpdatedNotification>;
