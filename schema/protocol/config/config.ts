/** Reading and writing the configuration (docs/protocol/config.md). */
import {
  alias,
  bool,
  defaulted,
  dict,
  gated,
  i64,
  json,
  list,
  nullish,
  omittable,
  omitted,
  oneOf,
  optional,
  struct,
  tagged,
  text,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { ForcedChatgptWorkspaceIds, ForcedLoginMethod } from '../services/account.js';
import { AllowDenyRequirement, BrowserUseOriginPolicyConfig } from './config-requirements.js';
import {
  AutoCompactTokenLimitScope,
  ReasoningEffort,
  ReasoningSummary,
  ToolExposureSurface,
  Verbosity,
} from '../common/model-settings.js';
import { AbsolutePathBuf } from '../common/paths.js';
import { ApprovalsReviewer, AskForApproval, SandboxMode, SandboxWorkspaceWrite } from '../common/permissions.js';
import { TextRange } from '../common/text-range.js';
import { WebSearchMode, WebSearchProvider, WebSearchToolConfig } from '../common/web-search.js';

export const AnalyticsConfig = struct(
  'AnalyticsConfig',
  {
    enabled: nullish(bool),
  },
  { flatten: dict(json) },
);
export type AnalyticsConfig = Wire<typeof AnalyticsConfig>;

export const AppToolApproval = oneOf('AppToolApproval', ['auto', 'prompt', 'writes', 'approve']);
export type AppToolApproval = Wire<typeof AppToolApproval>;

export const AppLinksConfig = alias(
  'AppLinksConfig',
  dict(
    struct(null, {
      approvals_reviewer: nullish(ApprovalsReviewer),
      default_tools_approval_mode: nullish(AppToolApproval),
    }),
  ),
);
export type AppLinksConfig = Wire<typeof AppLinksConfig>;

export const AppToolsConfig = alias(
  'AppToolsConfig',
  dict(
    struct(null, {
      enabled: nullish(bool),
      approval_mode: nullish(AppToolApproval),
    }),
  ),
);
export type AppToolsConfig = Wire<typeof AppToolsConfig>;

export const AppsDefaultConfig = struct('AppsDefaultConfig', {
  enabled: defaulted(bool, true),
  approvals_reviewer: nullish(ApprovalsReviewer),
  destructive_enabled: defaulted(bool, true),
  open_world_enabled: defaulted(bool, true),
  default_tools_approval_mode: nullish(AppToolApproval),
});
export type AppsDefaultConfig = Wire<typeof AppsDefaultConfig>;

export const AppsConfig = struct(
  'AppsConfig',
  {
    _default: nullish(AppsDefaultConfig),
  },
  {
    flatten: dict(
      struct(null, {
        enabled: bool,
        omit_tools_from: nullish(list(ToolExposureSurface)),
        approvals_reviewer: nullish(ApprovalsReviewer),
        destructive_enabled: nullish(bool),
        open_world_enabled: nullish(bool),
        default_tools_approval_mode: nullish(AppToolApproval),
        default_tools_enabled: nullish(bool),
        tools: nullish(AppToolsConfig),
        links: nullish(AppLinksConfig),
      }),
    ),
  },
);
export type AppsConfig = Wire<typeof AppsConfig>;

export const BrowserUseConfig = struct('BrowserUseConfig', {
  allow_history_access: nullish(bool),
  default_origin_policy: nullish(BrowserUseOriginPolicyConfig),
  origins: nullish(dict(BrowserUseOriginPolicyConfig)),
});
export type BrowserUseConfig = Wire<typeof BrowserUseConfig>;

export const ComputerUseMacosConfig = struct('ComputerUseMacosConfig', {
  bundle_ids: nullish(dict(AllowDenyRequirement)),
});
export type ComputerUseMacosConfig = Wire<typeof ComputerUseMacosConfig>;

export const ComputerUseWindowsExeConfig = struct('ComputerUseWindowsExeConfig', {
  publisher_name: text,
  product_name: text,
  binary_name: nullish(text),
  access: AllowDenyRequirement,
});
export type ComputerUseWindowsExeConfig = Wire<typeof ComputerUseWindowsExeConfig>;

export const ComputerUseWindowsConfig = struct('ComputerUseWindowsConfig', {
  aumids: nullish(dict(AllowDenyRequirement)),
  exes: nullish(list(ComputerUseWindowsExeConfig)),
});
export type ComputerUseWindowsConfig = Wire<typeof ComputerUseWindowsConfig>;

export const ComputerUseConfig = struct('ComputerUseConfig', {
  default_app_access: nullish(AllowDenyRequirement),
  macos: nullish(ComputerUseMacosConfig),
  windows: nullish(ComputerUseWindowsConfig),
});
export type ComputerUseConfig = Wire<typeof ComputerUseConfig>;

export const ToolsV2 = struct('ToolsV2', {
  web_search: nullish(WebSearchToolConfig),
});
export type ToolsV2 = Wire<typeof ToolsV2>;

export const Config = struct(
  'Config',
  {
    model: nullish(text),
    review_model: nullish(text),
    model_context_window: nullish(i64),
    model_auto_compact_token_limit: nullish(i64),
    model_auto_compact_token_limit_scope: nullish(AutoCompactTokenLimitScope),
    model_provider: nullish(text),
    approval_policy: nullish(AskForApproval),
    approvals_reviewer: nullish(ApprovalsReviewer),
    sandbox_mode: nullish(SandboxMode),
    sandbox_workspace_write: nullish(SandboxWorkspaceWrite),
    forced_chatgpt_workspace_id: nullish(ForcedChatgptWorkspaceIds),
    forced_login_method: nullish(ForcedLoginMethod),
    web_search: nullish(WebSearchMode),
    client_search_provider: nullish(WebSearchProvider),
    tools: nullish(ToolsV2),
    instructions: nullish(text),
    developer_instructions: nullish(text),
    compact_prompt: nullish(text),
    model_reasoning_effort: nullish(ReasoningEffort),
    model_reasoning_summary: nullish(ReasoningSummary),
    model_verbosity: nullish(Verbosity),
    service_tier: nullish(text),
    analytics: nullish(AnalyticsConfig),
    apps: gated(nullish(AppsConfig)),
    browser_use: nullish(BrowserUseConfig),
    computer_use: nullish(ComputerUseConfig),
    desktop: nullish(dict(json)),
  },
  { flatten: dict(json) },
);
export type Config = Wire<typeof Config>;

export const MergeStrategy = oneOf('MergeStrategy', ['replace', 'upsert']);
export type MergeStrategy = Wire<typeof MergeStrategy>;

export const ConfigEdit = struct('ConfigEdit', {
  keyPath: text,
  value: json,
  mergeStrategy: MergeStrategy,
});
export type ConfigEdit = Wire<typeof ConfigEdit>;

export const ConfigBatchWriteParams = struct('ConfigBatchWriteParams', {
  edits: list(ConfigEdit),
  filePath: optional(text),
  expectedVersion: optional(text),
  reloadUserConfig: omittable(bool, false),
});
export type ConfigBatchWriteParams = Wire<typeof ConfigBatchWriteParams>;

export const ConfigLayerSource = tagged('ConfigLayerSource', 'type', {
  packagedDefaults: {
    file: AbsolutePathBuf,
  },
  mdm: {
    domain: text,
    key: text,
  },
  system: {
    file: AbsolutePathBuf,
  },
  enterpriseManaged: {
    id: text,
    name: text,
  },
  user: {
    file: AbsolutePathBuf,
    profile: nullish(text),
  },
  project: {
    dotCodexFolder: AbsolutePathBuf,
  },
  sessionFlags: {},
  legacyManagedConfigTomlFromFile: {
    file: AbsolutePathBuf,
  },
  legacyManagedConfigTomlFromMdm: {},
});
export type ConfigLayerSource = Wire<typeof ConfigLayerSource>;

export const ConfigLayer = struct('ConfigLayer', {
  name: ConfigLayerSource,
  version: text,
  config: json,
  disabledReason: nullish(text),
});
export type ConfigLayer = Wire<typeof ConfigLayer>;

export const ConfigLayerMetadata = struct('ConfigLayerMetadata', {
  name: ConfigLayerSource,
  version: text,
});
export type ConfigLayerMetadata = Wire<typeof ConfigLayerMetadata>;

export const ConfigReadParams = struct('ConfigReadParams', {
  includeLayers: omittable(bool, false),
  cwd: optional(text),
});
export type ConfigReadParams = Wire<typeof ConfigReadParams>;

export const ConfigReadResponse = struct('ConfigReadResponse', {
  config: Config,
  origins: dict(ConfigLayerMetadata),
  layers: nullish(list(ConfigLayer)),
});
export type ConfigReadResponse = Wire<typeof ConfigReadResponse>;

export const ConfigValueWriteParams = struct('ConfigValueWriteParams', {
  keyPath: text,
  value: json,
  mergeStrategy: MergeStrategy,
  filePath: optional(text),
  expectedVersion: optional(text),
});
export type ConfigValueWriteParams = Wire<typeof ConfigValueWriteParams>;

export const ConfigWarningNotification = struct('ConfigWarningNotification', {
  summary: text,
  details: nullish(text),
  path: omitted(text),
  range: omitted(TextRange),
});
export type ConfigWarningNotification = Wire<typeof ConfigWarningNotification>;

export const WriteStatus = oneOf('WriteStatus', ['ok', 'okOverridden']);
export type WriteStatus = Wire<typeof WriteStatus>;

export const OverriddenMetadata = struct('OverriddenMetadata', {
  message: text,
  overridingLayer: ConfigLayerMetadata,
  effectiveValue: json,
});
export type OverriddenMetadata = Wire<typeof OverriddenMetadata>;

export const ConfigWriteResponse = struct('ConfigWriteResponse', {
  status: WriteStatus,
  version: text,
  filePath: AbsolutePathBuf,
  overriddenMetadata: nullish(OverriddenMetadata),
});
export type ConfigWriteResponse = Wire<typeof ConfigWriteResponse>;
