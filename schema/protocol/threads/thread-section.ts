/** Sections that group threads. */
import { list, nullable, nullish, optional, patch, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const ThreadSectionAppearance = struct('ThreadSectionAppearance', {
  icon: nullish(text),
  color: nullish(text),
});
export type ThreadSectionAppearance = Wire<typeof ThreadSectionAppearance>;

export const ThreadSection = struct('ThreadSection', {
  id: text,
  name: text,
  appearance: nullish(ThreadSectionAppearance),
});
export type ThreadSection = Wire<typeof ThreadSection>;

export const ThreadSectionChangedNotification = struct('ThreadSectionChangedNotification', {
  threadId: text,
  sectionId: nullable(text),
});
export type ThreadSectionChangedNotification = Wire<typeof ThreadSectionChangedNotification>;

export const ThreadSectionCreateParams = struct('ThreadSectionCreateParams', {
  name: text,
  appearance: optional(ThreadSectionAppearance),
});
export type ThreadSectionCreateParams = Wire<typeof ThreadSectionCreateParams>;

export const ThreadSectionCreateResponse = struct('ThreadSectionCreateResponse', {
  section: ThreadSection,
});
export type ThreadSectionCreateResponse = Wire<typeof ThreadSectionCreateResponse>;

export const ThreadSectionDeleteParams = struct('ThreadSectionDeleteParams', {
  sectionId: text,
});
export type ThreadSectionDeleteParams = Wire<typeof ThreadSectionDeleteParams>;

export const ThreadSectionDeleteResponse = struct('ThreadSectionDeleteResponse', {});
export type ThreadSectionDeleteResponse = Wire<typeof ThreadSectionDeleteResponse>;

export const ThreadSectionListParams = struct('ThreadSectionListParams', {
  cursor: optional(text),
  limit: optional(u32),
});
export type ThreadSectionListParams = Wire<typeof ThreadSectionListParams>;

export const ThreadSectionListResponse = struct('ThreadSectionListResponse', {
  data: list(ThreadSection),
  nextCursor: nullish(text),
});
export type ThreadSectionListResponse = Wire<typeof ThreadSectionListResponse>;

export const ThreadSectionMoveParams = struct('ThreadSectionMoveParams', {
  threadId: text,
  sectionId: nullable(text),
  beforeThreadId: optional(text),
});
export type ThreadSectionMoveParams = Wire<typeof ThreadSectionMoveParams>;

export const ThreadSectionMoveResponse = struct('ThreadSectionMoveResponse', {});
export type ThreadSectionMoveResponse = Wire<typeof ThreadSectionMoveResponse>;

export const ThreadSectionUpdateParams = struct('ThreadSectionUpdateParams', {
  sectionId: text,
  name: text,
  appearance: patch(ThreadSectionAppearance),
});
export type ThreadSectionUpdateParams = Wire<typeof ThreadSectionUpdateParams>;

export const ThreadSectionUpdateResponse = struct('ThreadSectionUpdateResponse', {
  section: ThreadSection,
});
export type ThreadSectionUpdateResponse = Wire<typeof ThreadSectionUpdateResponse>;
