/** Warnings without another family. */
import { nullish, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

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
