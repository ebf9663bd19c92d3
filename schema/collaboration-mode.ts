/** Modes of working together. */
import { list, nullish, struct, text } from './kit.js';
import type { Wire } from './kit.js';
import { ModeKind, ReasoningEffort } from './model-settings.js';

export const CollaborationModeListParams = struct('CollaborationModeListParams', {});
export type CollaborationModeListParams = Wire<typeof CollaborationModeListParams>;

export const CollaborationModeMask = struct('CollaborationModeMask', {
  name: text,
  mode: nullish(ModeKind),
  model: nullish(text),
  reasoning_effort: nullish(ReasoningEffort),
});
export type CollaborationModeMask = Wire<typeof CollaborationModeMask>;

export const CollaborationModeListResponse = struct('CollaborationModeListResponse', {
  data: list(CollaborationModeMask),
});
export type CollaborationModeListResponse = Wire<typeof CollaborationModeListResponse>;
