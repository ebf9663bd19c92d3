/** Collaboration modes. */
import { list, nullish, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { ModeKind, ReasoningEffort } from '../common/model-settings.js';

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
