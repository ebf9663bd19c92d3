/** The requirements of an administrator (docs/protocol/config.md §2). */
import {
  bool,
  choice,
  dict,
  gated,
  json,
  list,
  nullish,
  oneOf,
  struct,
  text,
  usize,
  word,
  u64,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { ForcedLoginMethod } from '../services/account.js';
import { ManagedHooksRequirements } from '../services/hooks.js';
import { ModelsRequirements } from '../services/model.js';
import { NetworkDomainPermission, NetworkRequirements } from '../common/network.js';
import { LegacyAppPathString, PathUri, RequestHeader } from '../common/paths.js';
import { ApprovalsReviewer, AskForApproval, SandboxMode } from '../common/permissions.js';
import { WebSearchMode } from '../common/web-search.js';
import { WindowsSandboxImplementation } from '../exec/windows.js';

export const AllowDenyRequirement = oneOf('AllowDenyRequirement', ['allow', 'deny']);
export type AllowDenyRequirement = Wire<typeof AllowDenyRequirement>;

export const ApplicationNetworkRequirements = struct('ApplicationNetworkRequirements', {
  enabled: bool,
  domains: dict(NetworkDomainPermission),
});
export type ApplicationNetworkRequirements = Wire<typeof ApplicationNetworkRequirements>;

export const ApplicationStorageRequirements = struct('ApplicationStorageRequirements', {
  defaultProjectParent: nullish(LegacyAppPathString),
  projectlessWorkspaceRoot: nullish(LegacyAppPathString),
});
export type ApplicationStorageRequirements = Wire<typeof ApplicationStorageRequirements>;

export const ApplicationRequirements = struct('ApplicationRequirements', {
  network: nullish(ApplicationNetworkRequirements),
  storage: nullish(ApplicationStorageRequirements),
});
export type ApplicationRequirements = Wire<typeof ApplicationRequirements>;

export const AutoReviewRequirements = struct('AutoReviewRequirements', {
  requiredOnModels: nullish(list(text)),
  ignoreRules: nullish(list(text)),
});
export type AutoReviewRequirements = Wire<typeof AutoReviewRequirements>;

export const BrowserUseAccessApprovalLifetime = oneOf('BrowserUseAccessApprovalLifetime', ['turn', 'thread']);
export type BrowserUseAccessApprovalLifetime = Wire<typeof BrowserUseAccessApprovalLifetime>;

export const BrowserUseOriginPolicyConfig = struct('BrowserUseOriginPolicyConfig', {
  access: nullish(AllowDenyRequirement),
  downloads: nullish(AllowDenyRequirement),
  uploads: nullish(AllowDenyRequirement),
  full_cdp_access: nullish(AllowDenyRequirement),
});
export type BrowserUseOriginPolicyConfig = Wire<typeof BrowserUseOriginPolicyConfig>;

export const BrowserUseExtensionRequirements = struct('BrowserUseExtensionRequirements', {
  requestHeaders: nullish(list(RequestHeader)),
});
export type BrowserUseExtensionRequirements = Wire<typeof BrowserUseExtensionRequirements>;

export const BrowserUseOriginPolicy = struct('BrowserUseOriginPolicy', {
  access: nullish(AllowDenyRequirement),
  downloads: nullish(AllowDenyRequirement),
  uploads: nullish(AllowDenyRequirement),
  fullCdpAccess: nullish(AllowDenyRequirement),
  autoReview: nullish(AllowDenyRequirement),
  persistentApproval: nullish(bool),
  accessApprovalLifetime: nullish(BrowserUseAccessApprovalLifetime),
});
export type BrowserUseOriginPolicy = Wire<typeof BrowserUseOriginPolicy>;

export const BrowserUseRequirements = struct('BrowserUseRequirements', {
  extension: nullish(BrowserUseExtensionRequirements),
  allowWebmcp: nullish(bool),
  allowHistoryAccess: nullish(bool),
  disableAutoReview: nullish(bool),
  allowGlobalPersistentApproval: nullish(bool),
  defaultOriginPolicy: nullish(BrowserUseOriginPolicy),
  origins: nullish(dict(BrowserUseOriginPolicy)),
});
export type BrowserUseRequirements = Wire<typeof BrowserUseRequirements>;

export const CliAuthCredentialsStoreMode = oneOf('CliAuthCredentialsStoreMode', [
  'file',
  'keyring',
  'auto',
  'ephemeral',
]);
export type CliAuthCredentialsStoreMode = Wire<typeof CliAuthCredentialsStoreMode>;

export const ComputerUseMacosRequirements = struct('ComputerUseMacosRequirements', {
  bundleIds: nullish(dict(AllowDenyRequirement)),
});
export type ComputerUseMacosRequirements = Wire<typeof ComputerUseMacosRequirements>;

export const ComputerUseWindowsExeRequirement = struct('ComputerUseWindowsExeRequirement', {
  publisherName: text,
  productName: text,
  binaryName: nullish(text),
  access: AllowDenyRequirement,
});
export type ComputerUseWindowsExeRequirement = Wire<typeof ComputerUseWindowsExeRequirement>;

export const ComputerUseWindowsRequirements = struct('ComputerUseWindowsRequirements', {
  aumids: nullish(dict(AllowDenyRequirement)),
  exes: nullish(list(ComputerUseWindowsExeRequirement)),
});
export type ComputerUseWindowsRequirements = Wire<typeof ComputerUseWindowsRequirements>;

export const ComputerUseRequirements = struct('ComputerUseRequirements', {
  allowLockedComputerUse: nullish(bool),
  allowPersistentApproval: nullish(bool),
  defaultAppAccess: nullish(AllowDenyRequirement),
  macos: nullish(ComputerUseMacosRequirements),
  windows: nullish(ComputerUseWindowsRequirements),
});
export type ComputerUseRequirements = Wire<typeof ComputerUseRequirements>;

export const InAppBrowserRequirements = struct('InAppBrowserRequirements', {
  allowExternalBrowserSettingsImport: nullish(bool),
});
export type InAppBrowserRequirements = Wire<typeof InAppBrowserRequirements>;

export const ResidencyRequirement = oneOf('ResidencyRequirement', ['us']);
export type ResidencyRequirement = Wire<typeof ResidencyRequirement>;

export const FeedbackRequirements = struct('FeedbackRequirements', {
  enabled: nullish(bool),
});
export type FeedbackRequirements = Wire<typeof FeedbackRequirements>;

export const OtelToolResultLogConfig = struct('OtelToolResultLogConfig', {
  max_bytes: usize,
});
export type OtelToolResultLogConfig = Wire<typeof OtelToolResultLogConfig>;

export const OtelHttpProtocol = oneOf('OtelHttpProtocol', ['binary', 'json']);
export type OtelHttpProtocol = Wire<typeof OtelHttpProtocol>;

export const OtelTlsConfig = struct('OtelTlsConfig', {
  'ca-certificate': nullish(text),
  'client-certificate': nullish(text),
  'client-private-key': nullish(text),
});
export type OtelTlsConfig = Wire<typeof OtelTlsConfig>;

export const OtelExporter = choice('OtelExporter', {
  none: word,
  statsig: word,
  'otlp-http': struct(null, {
    endpoint: text,
    headers: dict(text),
    protocol: OtelHttpProtocol,
    tls: nullish(OtelTlsConfig),
  }),
  'otlp-grpc': struct(null, {
    endpoint: text,
    headers: dict(text),
    tls: nullish(OtelTlsConfig),
  }),
});
export type OtelExporter = Wire<typeof OtelExporter>;

/** The first two: since 0.171. */
export const OtelRequirements = struct('OtelRequirements', {
  headers_helper: nullish(text),
  headers_helper_refresh_interval_ms: nullish(u64),
  tool_result: nullish(OtelToolResultLogConfig),
  log_sse_deltas: nullish(bool),
  log_user_prompt: nullish(bool),
  log_agent_responses: nullish(bool),
  log_guardian_assessments: nullish(bool),
  environment: nullish(text),
  exporter: nullish(OtelExporter),
  trace_exporter: nullish(OtelExporter),
  metrics_exporter: nullish(OtelExporter),
  span_attributes: nullish(dict(text)),
  tracestate: nullish(dict(dict(text))),
});
export type OtelRequirements = Wire<typeof OtelRequirements>;

export const ConfigRequirements = struct('ConfigRequirements', {
  modelProvider: nullish(text),
  modelProviders: nullish(dict(json)),
  allowedLoginMethods: nullish(list(ForcedLoginMethod)),
  cliAuthCredentialsStore: nullish(CliAuthCredentialsStoreMode),
  chatgptBaseUrl: nullish(text),
  additionalDeveloperInstructions: nullish(text),
  allowedApprovalPolicies: nullish(list(AskForApproval)),
  allowedApprovalsReviewers: gated(nullish(list(ApprovalsReviewer))),
  allowedSandboxModes: nullish(list(SandboxMode)),
  allowedWindowsSandboxImplementations: nullish(list(WindowsSandboxImplementation)),
  allowedPermissionProfiles: nullish(dict(bool)),
  defaultPermissions: nullish(text),
  allowedWebSearchModes: nullish(list(WebSearchMode)),
  allowManagedHooksOnly: nullish(bool),
  allowBrowserAndComputerUse: nullish(bool),
  allowAppshots: nullish(bool),
  allowRemoteControl: nullish(bool),
  computerUse: nullish(ComputerUseRequirements),
  browserUse: nullish(BrowserUseRequirements),
  inAppBrowser: nullish(InAppBrowserRequirements),
  featureRequirements: nullish(dict(bool)),
  hooks: gated(nullish(ManagedHooksRequirements)),
  enforceResidency: nullish(ResidencyRequirement),
  network: gated(nullish(NetworkRequirements)),
  application: gated(nullish(ApplicationRequirements)),
  autoReview: nullish(AutoReviewRequirements),
  models: nullish(ModelsRequirements),
  sqliteHome: nullish(PathUri),
  logDir: nullish(PathUri),
  modelCatalogJson: nullish(PathUri),
  checkForUpdateOnStartup: nullish(bool),
  allowLoginShell: nullish(bool),
  feedback: nullish(FeedbackRequirements),
  otel: nullish(OtelRequirements),
});
export type ConfigRequirements = Wire<typeof ConfigRequirements>;

export const ConfigRequirementsReadResponse = struct('ConfigRequirementsReadResponse', {
  supportsIndependentSpeedModes: nullish(bool),
  requirements: nullish(ConfigRequirements),
});
export type ConfigRequirementsReadResponse = Wire<typeof ConfigRequirementsReadResponse>;
