/** Feedback. */
import { bool, dict, list, nullish, omittable, optional, path, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { LegacyAppPathString } from '../common/paths.js';

export const FeedbackSaveParams = struct('FeedbackSaveParams', {
  savePath: LegacyAppPathString,
  classification: text,
  reason: optional(text),
  threadId: optional(text),
  includeLogs: omittable(bool, false),
  extraLogFiles: optional(list(path)),
  tags: optional(dict(text)),
});
export type FeedbackSaveParams = Wire<typeof FeedbackSaveParams>;

export const FeedbackSaveResponse = struct('FeedbackSaveResponse', {
  savedPath: LegacyAppPathString,
  threadId: text,
  promptHash: nullish(text),
});
export type FeedbackSaveResponse = Wire<typeof FeedbackSaveResponse>;

export const FeedbackUploadParams = struct('FeedbackUploadParams', {
  classification: text,
  reason: optional(text),
  threadId: optional(text),
  includeLogs: omittable(bool, false),
  extraLogFiles: optional(list(path)),
  tags: optional(dict(text)),
});
export type FeedbackUploadParams = Wire<typeof FeedbackUploadParams>;

export const FeedbackUploadResponse = struct('FeedbackUploadResponse', {
  threadId: text,
  promptHash: nullish(text),
});
export type FeedbackUploadResponse = Wire<typeof FeedbackUploadResponse>;
