/** Settings of a model. */
import { choice, insteadOf, nonEmptyText, nullish, oneOf, struct, text, word } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const ToolExposureSurface = oneOf('ToolExposureSurface', ['code_mode', 'deferred', 'direct']);
export type ToolExposureSurface = Wire<typeof ToolExposureSurface>;

export const ModeKind = choice('ModeKind', {
  plan: word,
  code: insteadOf('default'),
  custom: insteadOf('default'),
  default: word,
  execute: insteadOf('default'),
  pair_programming: insteadOf('default'),
});
export type ModeKind = Wire<typeof ModeKind>;

export const ReasoningEffort = nonEmptyText('ReasoningEffort', 'reasoning_effort');
export type ReasoningEffort = Wire<typeof ReasoningEffort>;

export const AutoCompactTokenLimitScope = oneOf('AutoCompactTokenLimitScope', ['total', 'body_after_prefix']);
export type AutoCompactTokenLimitScope = Wire<typeof AutoCompactTokenLimitScope>;

export const ReasoningSummary = oneOf('ReasoningSummary', ['auto', 'concise', 'detailed', 'none']);
export type ReasoningSummary = Wire<typeof ReasoningSummary>;

export const Verbosity = oneOf('Verbosity', ['low', 'medium', 'high']);
export type Verbosity = Wire<typeof Verbosity>;

export const NewThreadModelDefaults = struct('NewThreadModelDefaults', {
  model: nullish(text),
  modelReasoningEffort: nullish(ReasoningEffort),
  serviceTier: nullish(text),
});
export type NewThreadModelDefaults = Wire<typeof NewThreadModelDefaults>;

export const CyberAccessProgram = oneOf('CyberAccessProgram', ['standard', 'daybreakBlue', 'daybreakRed']);
export type CyberAccessProgram = Wire<typeof CyberAccessProgram>;

export const MultiAgentVersion = oneOf('MultiAgentVersion', ['disabled', 'v1', 'v2']);
export type MultiAgentVersion = Wire<typeof MultiAgentVersion>;

export const ConfigurationReasoning = struct('ConfigurationReasoning', {
  effort: ReasoningEffort,
});
export type ConfigurationReasoning = Wire<typeof ConfigurationReasoning>;

export const MultiAgentMode = choice('MultiAgentMode', {
  none: insteadOf('explicitRequestOnly'),
  custom: text,
  explicitRequestOnly: word,
  proactive: word,
});
export type MultiAgentMode = Wire<typeof MultiAgentMode>;

export const Personality = oneOf('Personality', ['none', 'friendly', 'pragmatic']);
export type Personality = Wire<typeof Personality>;

export const Settings = struct('Settings', {
  model: text,
  reasoning_effort: nullish(ReasoningEffort),
  developer_instructions: nullish(text),
});
export type Settings = Wire<typeof Settings>;

export const CollaborationMode = struct('CollaborationMode', {
  mode: ModeKind,
  settings: Settings,
});
export type CollaborationMode = Wire<typeof CollaborationMode>;
