/** Warnings that belong to nothing else. */
import { nullish, struct, text } from './kit.js';
import type { Wire } from './kit.js';

export const DeprecationNoticeNotification = struct('DeprecationNoticeNotification', {
  summary: text,
  details: nullish(text),
});
export type DeprecationNoticeNotification = Wire<typeof DeprecationNoticeNotification>;

export const WarningNotification = struct('WarningNotification', {
  threadId: nullish(text),
  message: text,
});
export type WarningNotification = Wire<typeof WarningNotification>;
