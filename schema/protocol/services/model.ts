/** Models and their properties. */
import { bool, defaulted, i64, list, nullish, oneOf, optional, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import {
  CyberAccessProgram,
  MultiAgentVersion,
  NewThreadModelDefaults,
  ReasoningEffort,
} from '../common/model-settings.js';

export const ModelsRequirements = struct('ModelsRequirements', {
  newThread: nullish(NewThreadModelDefaults),
});
export type ModelsRequirements = Wire<typeof ModelsRequirements>;

export const ModelUpgradeInfo = struct('ModelUpgradeInfo', {
  model: text,
  upgradeCopy: nullish(text),
  modelLink: nullish(text),
  migrationMarkdown: nullish(text),
  retirementAt: nullish(i64),
});
export type ModelUpgradeInfo = Wire<typeof ModelUpgradeInfo>;

export const ModelAvailabilityNux = struct('ModelAvailabilityNux', {
  message: text,
});
export type ModelAvailabilityNux = Wire<typeof ModelAvailabilityNux>;

export const ReasoningEffortOption = struct('ReasoningEffortOption', {
  reasoningEffort: ReasoningEffort,
  description: text,
});
export type ReasoningEffortOption = Wire<typeof ReasoningEffortOption>;

export const InputModality = oneOf('InputModality', ['text', 'image', 'audio']);
export type InputModality = Wire<typeof InputModality>;

export const ModelServiceTier = struct('ModelServiceTier', {
  id: text,
  name: text,
  description: text,
});
export type ModelServiceTier = Wire<typeof ModelServiceTier>;

export const ModelAccessPrograms = struct('ModelAccessPrograms', {
  cyber: list(CyberAccessProgram),
});
export type ModelAccessPrograms = Wire<typeof ModelAccessPrograms>;

export const Model = struct('Model', {
  id: text,
  model: text,
  upgrade: nullish(text),
  upgradeInfo: nullish(ModelUpgradeInfo),
  availabilityNux: nullish(ModelAvailabilityNux),
  displayName: text,
  description: text,
  modelSpecialty: nullish(text),
  hidden: bool,
  supportedReasoningEfforts: list(ReasoningEffortOption),
  defaultReasoningEffort: ReasoningEffort,
  inputModalities: defaulted(list(InputModality), ['text', 'image']),
  supportsPersonality: defaulted(bool, false),
  multiAgentVersion: nullish(MultiAgentVersion),
  additionalSpeedTiers: defaulted(list(text), []),
  serviceTiers: defaulted(list(ModelServiceTier), []),
  defaultServiceTier: nullish(text),
  availableAccessPrograms: nullish(ModelAccessPrograms),
  isDefault: bool,
});
export type Model = Wire<typeof Model>;

export const ModelListParams = struct('ModelListParams', {
  modelProvider: optional(text),
  cursor: optional(text),
  limit: optional(u32),
  includeHidden: optional(bool),
});
export type ModelListParams = Wire<typeof ModelListParams>;

export const ModelListResponse = struct('ModelListResponse', {
  data: list(Model),
  nextCursor: nullish(text),
});
export type ModelListResponse = Wire<typeof ModelListResponse>;

export const ModelRerouteReason = oneOf('ModelRerouteReason', ['highRiskCyberActivity']);
export type ModelRerouteReason = Wire<typeof ModelRerouteReason>;

export const ModelReroutedNotification = struct('ModelReroutedNotification', {
  threadId: text,
  turnId: text,
  fromModel: text,
  toModel: text,
  reason: ModelRerouteReason,
});
export type ModelReroutedNotification = Wire<typeof ModelReroutedNotification>;

export const ModelSafetyBufferingUpdatedNotification = struct('ModelSafetyBufferingUpdatedNotification', {
  threadId: text,
  turnId: text,
  model: text,
  useCases: list(text),
  reasons: list(text),
  showBufferingUi: bool,
  fasterModel: nullish(text),
});
export type ModelSafetyBufferingUpdatedNotification = Wire<typeof ModelSafetyBufferingUpdatedNotification>;

export const ModelVerification = oneOf('ModelVerification', ['trustedAccessForCyber']);
export type ModelVerification = Wire<typeof ModelVerification>;

export const ModelVerificationNotification = struct('ModelVerificationNotification', {
  threadId: text,
  turnId: text,
  verifications: list(ModelVerification),
});
export type ModelVerificationNotification = Wire<typeof ModelVerificationNotification>;
