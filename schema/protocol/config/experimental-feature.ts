/** Features that users can enable. */
import { bool, dict, list, nullish, oneOf, optional, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const ExperimentalFeatureStage = oneOf('ExperimentalFeatureStage', [
  'beta',
  'underDevelopment',
  'stable',
  'deprecated',
  'removed',
]);
export type ExperimentalFeatureStage = Wire<typeof ExperimentalFeatureStage>;

export const ExperimentalFeature = struct('ExperimentalFeature', {
  name: text,
  stage: ExperimentalFeatureStage,
  displayName: nullish(text),
  description: nullish(text),
  announcement: nullish(text),
  enabled: bool,
  defaultEnabled: bool,
});
export type ExperimentalFeature = Wire<typeof ExperimentalFeature>;

export const ExperimentalFeatureEnablementSetParams = struct('ExperimentalFeatureEnablementSetParams', {
  enablement: dict(bool),
});
export type ExperimentalFeatureEnablementSetParams = Wire<typeof ExperimentalFeatureEnablementSetParams>;

export const ExperimentalFeatureEnablementSetResponse = struct('ExperimentalFeatureEnablementSetResponse', {
  enablement: dict(bool),
});
export type ExperimentalFeatureEnablementSetResponse = Wire<typeof ExperimentalFeatureEnablementSetResponse>;

export const ExperimentalFeatureListParams = struct('ExperimentalFeatureListParams', {
  cursor: optional(text),
  limit: optional(u32),
  threadId: optional(text),
});
export type ExperimentalFeatureListParams = Wire<typeof ExperimentalFeatureListParams>;

export const ExperimentalFeatureListResponse = struct('ExperimentalFeatureListResponse', {
  data: list(ExperimentalFeature),
  nextCursor: nullish(text),
});
export type ExperimentalFeatureListResponse = Wire<typeof ExperimentalFeatureListResponse>;
