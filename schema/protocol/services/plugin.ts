/** Plugins. */
import {
  bool,
  defaulted,
  i64,
  list,
  nullish,
  omittable,
  oneOf,
  optional,
  struct,
  tagged,
  text,
  u32,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { HookEventName } from './hooks.js';
import { MarketplaceInterface, MarketplaceLoadErrorInfo } from './marketplace.js';
import { AbsolutePathBuf } from '../common/paths.js';
import { SkillSummary } from './skills.js';

export const AppSummary = struct('AppSummary', {
  id: text,
  name: text,
  description: nullish(text),
  installUrl: nullish(text),
  category: nullish(text),
});
export type AppSummary = Wire<typeof AppSummary>;

export const AppTemplateUnavailableReason = oneOf('AppTemplateUnavailableReason', [
  'NOT_CONFIGURED_FOR_WORKSPACE',
  'NO_ACTIVE_WORKSPACE',
]);
export type AppTemplateUnavailableReason = Wire<typeof AppTemplateUnavailableReason>;

export const AppTemplateSummary = struct('AppTemplateSummary', {
  templateId: text,
  name: text,
  description: nullish(text),
  category: nullish(text),
  canonicalConnectorId: nullish(text),
  logoUrl: nullish(text),
  logoUrlDark: nullish(text),
  materializedAppIds: list(text),
  reason: nullish(AppTemplateUnavailableReason),
});
export type AppTemplateSummary = Wire<typeof AppTemplateSummary>;

export const PluginAuthPolicy = oneOf('PluginAuthPolicy', ['ON_INSTALL', 'ON_USE']);
export type PluginAuthPolicy = Wire<typeof PluginAuthPolicy>;

export const PluginAvailability = oneOf('PluginAvailability', ['AVAILABLE', 'DISABLED_BY_ADMIN']);
export type PluginAvailability = Wire<typeof PluginAvailability>;

export const PluginShareDiscoverability = oneOf('PluginShareDiscoverability', ['LISTED', 'UNLISTED', 'PRIVATE']);
export type PluginShareDiscoverability = Wire<typeof PluginShareDiscoverability>;

export const PluginSharePrincipalType = oneOf('PluginSharePrincipalType', ['user', 'group', 'workspace']);
export type PluginSharePrincipalType = Wire<typeof PluginSharePrincipalType>;

export const PluginSharePrincipalRole = oneOf('PluginSharePrincipalRole', ['reader', 'editor', 'owner']);
export type PluginSharePrincipalRole = Wire<typeof PluginSharePrincipalRole>;

export const PluginSharePrincipal = struct('PluginSharePrincipal', {
  principalType: PluginSharePrincipalType,
  principalId: text,
  role: PluginSharePrincipalRole,
  name: text,
});
export type PluginSharePrincipal = Wire<typeof PluginSharePrincipal>;

export const PluginShareContext = struct('PluginShareContext', {
  remotePluginId: text,
  remoteVersion: nullish(text),
  discoverability: nullish(PluginShareDiscoverability),
  shareUrl: nullish(text),
  creatorAccountUserId: nullish(text),
  creatorName: nullish(text),
  sharePrincipals: nullish(list(PluginSharePrincipal)),
  canPublishToWorkspace: nullish(bool),
});
export type PluginShareContext = Wire<typeof PluginShareContext>;

export const PluginSource = tagged('PluginSource', 'type', {
  local: {
    path: AbsolutePathBuf,
  },
  git: {
    url: text,
    path: nullish(text),
    refName: nullish(text),
    sha: nullish(text),
  },
  npm: {
    package: text,
    version: nullish(text),
    registry: nullish(text),
  },
  remote: {},
});
export type PluginSource = Wire<typeof PluginSource>;

export const PluginInstallPolicy = oneOf('PluginInstallPolicy', ['NOT_AVAILABLE', 'AVAILABLE', 'INSTALLED_BY_DEFAULT']);
export type PluginInstallPolicy = Wire<typeof PluginInstallPolicy>;

export const PluginInstallPolicySource = oneOf('PluginInstallPolicySource', [
  'WORKSPACE_SETTING',
  'IMPLICIT_CANONICAL_APP',
]);
export type PluginInstallPolicySource = Wire<typeof PluginInstallPolicySource>;

export const PluginDisabledReason = oneOf('PluginDisabledReason', [
  'disabled_by_admin',
  'plan_not_eligible',
  'required_app_unavailable',
  'unknown',
]);
export type PluginDisabledReason = Wire<typeof PluginDisabledReason>;

export const PluginInterface = struct('PluginInterface', {
  displayName: nullish(text),
  shortDescription: nullish(text),
  longDescription: nullish(text),
  developerName: nullish(text),
  category: nullish(text),
  capabilities: list(text),
  websiteUrl: nullish(text),
  privacyPolicyUrl: nullish(text),
  termsOfServiceUrl: nullish(text),
  defaultPrompt: nullish(list(text)),
  brandColor: nullish(text),
  composerIcon: nullish(AbsolutePathBuf),
  composerIconUrl: nullish(text),
  logo: nullish(AbsolutePathBuf),
  logoDark: nullish(AbsolutePathBuf),
  logoUrl: nullish(text),
  logoUrlDark: nullish(text),
  screenshots: list(AbsolutePathBuf),
  screenshotUrls: list(text),
});
export type PluginInterface = Wire<typeof PluginInterface>;

export const PluginSummary = struct('PluginSummary', {
  id: text,
  remotePluginId: nullish(text),
  version: nullish(text),
  localVersion: nullish(text),
  name: text,
  shareContext: nullish(PluginShareContext),
  source: PluginSource,
  installed: bool,
  installedAt: nullish(i64),
  enabled: bool,
  installPolicy: PluginInstallPolicy,
  installPolicySource: nullish(PluginInstallPolicySource),
  mustShowInstallationInterstitial: nullish(bool),
  authPolicy: PluginAuthPolicy,
  availability: defaulted(PluginAvailability, 'AVAILABLE'),
  disabledReason: nullish(PluginDisabledReason),
  eligiblePlanTypes: nullish(list(text)),
  interface: nullish(PluginInterface),
  keywords: defaulted(list(text), []),
});
export type PluginSummary = Wire<typeof PluginSummary>;

export const PluginHookSummary = struct('PluginHookSummary', {
  key: text,
  eventName: HookEventName,
});
export type PluginHookSummary = Wire<typeof PluginHookSummary>;

export const ScheduledTaskWeekday = oneOf('ScheduledTaskWeekday', ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']);
export type ScheduledTaskWeekday = Wire<typeof ScheduledTaskWeekday>;

export const ScheduledTaskSchedule = tagged('ScheduledTaskSchedule', 'type', {
  hourly: {
    intervalHours: u32,
    days: nullish(list(ScheduledTaskWeekday)),
  },
  daily: {
    time: text,
  },
  weekdays: {
    time: text,
  },
  weekly: {
    days: list(ScheduledTaskWeekday),
    time: text,
  },
});
export type ScheduledTaskSchedule = Wire<typeof ScheduledTaskSchedule>;

export const ScheduledTaskSummary = struct('ScheduledTaskSummary', {
  key: text,
  name: text,
  prompt: text,
  schedule: ScheduledTaskSchedule,
});
export type ScheduledTaskSummary = Wire<typeof ScheduledTaskSummary>;

export const PluginDetail = struct('PluginDetail', {
  marketplaceName: text,
  marketplacePath: nullish(AbsolutePathBuf),
  summary: PluginSummary,
  shareUrl: nullish(text),
  description: nullish(text),
  skills: list(SkillSummary),
  onboardingSkill: nullish(SkillSummary),
  hooks: list(PluginHookSummary),
  apps: list(AppSummary),
  appTemplates: list(AppTemplateSummary),
  mcpServers: list(text),
  scheduledTasks: nullish(list(ScheduledTaskSummary)),
});
export type PluginDetail = Wire<typeof PluginDetail>;

export const PluginInstallParams = struct('PluginInstallParams', {
  marketplacePath: optional(AbsolutePathBuf),
  remoteMarketplaceName: optional(text),
  installAttemptId: optional(text),
  pluginName: text,
});
export type PluginInstallParams = Wire<typeof PluginInstallParams>;

export const PluginInstallResponse = struct('PluginInstallResponse', {
  authPolicy: PluginAuthPolicy,
  appsNeedingAuth: list(AppSummary),
});
export type PluginInstallResponse = Wire<typeof PluginInstallResponse>;

export const PluginInstalledParams = struct('PluginInstalledParams', {
  cwds: optional(list(AbsolutePathBuf)),
  installSuggestionPluginNames: optional(list(text)),
});
export type PluginInstalledParams = Wire<typeof PluginInstalledParams>;

export const PluginMarketplaceEntry = struct('PluginMarketplaceEntry', {
  name: text,
  path: nullish(AbsolutePathBuf),
  interface: nullish(MarketplaceInterface),
  plugins: list(PluginSummary),
});
export type PluginMarketplaceEntry = Wire<typeof PluginMarketplaceEntry>;

export const PluginInstalledResponse = struct('PluginInstalledResponse', {
  marketplaces: list(PluginMarketplaceEntry),
  marketplaceLoadErrors: defaulted(list(MarketplaceLoadErrorInfo), []),
});
export type PluginInstalledResponse = Wire<typeof PluginInstalledResponse>;

export const PluginListMarketplaceKind = oneOf('PluginListMarketplaceKind', [
  'local',
  'vertical',
  'workspace-directory',
  'shared-with-me',
  'created-by-me-remote',
]);
export type PluginListMarketplaceKind = Wire<typeof PluginListMarketplaceKind>;

export const PluginListParams = struct('PluginListParams', {
  cwds: optional(list(AbsolutePathBuf)),
  marketplaceKinds: optional(list(PluginListMarketplaceKind)),
  forceRefetch: omittable(bool, false),
});
export type PluginListParams = Wire<typeof PluginListParams>;

export const PluginListResponse = struct('PluginListResponse', {
  marketplaces: list(PluginMarketplaceEntry),
  marketplaceLoadErrors: defaulted(list(MarketplaceLoadErrorInfo), []),
  featuredPluginIds: defaulted(list(text), []),
});
export type PluginListResponse = Wire<typeof PluginListResponse>;

export const PluginReadParams = struct('PluginReadParams', {
  marketplacePath: optional(AbsolutePathBuf),
  remoteMarketplaceName: optional(text),
  pluginName: text,
});
export type PluginReadParams = Wire<typeof PluginReadParams>;

export const PluginReadResponse = struct('PluginReadResponse', {
  plugin: PluginDetail,
});
export type PluginReadResponse = Wire<typeof PluginReadResponse>;

export const PluginReconcileChangedPlugin = struct('PluginReconcileChangedPlugin', {
  id: text,
  hasMcps: bool,
  hasApps: bool,
  hasHooks: bool,
  hasSkills: bool,
});
export type PluginReconcileChangedPlugin = Wire<typeof PluginReconcileChangedPlugin>;

export const PluginReconcileParams = struct('PluginReconcileParams', {
  reason: optional(text),
});
export type PluginReconcileParams = Wire<typeof PluginReconcileParams>;

export const PluginReconcileResponse = struct('PluginReconcileResponse', {
  changedPlugins: list(PluginReconcileChangedPlugin),
  failedRemotePluginIds: list(text),
  failedMaterializationRemotePluginIds: list(text),
});
export type PluginReconcileResponse = Wire<typeof PluginReconcileResponse>;

export const PluginSearchScope = oneOf('PluginSearchScope', ['global', 'workspace', 'personal']);
export type PluginSearchScope = Wire<typeof PluginSearchScope>;

export const PluginSearchParams = struct('PluginSearchParams', {
  searchTerm: text,
  scope: optional(PluginSearchScope),
  cwds: optional(list(AbsolutePathBuf)),
  cursor: optional(text),
  limit: optional(u32),
});
export type PluginSearchParams = Wire<typeof PluginSearchParams>;

export const PluginSearchResult = struct('PluginSearchResult', {
  plugin: PluginSummary,
  marketplaceName: text,
  marketplacePath: nullish(AbsolutePathBuf),
});
export type PluginSearchResult = Wire<typeof PluginSearchResult>;

export const PluginSearchResponse = struct('PluginSearchResponse', {
  data: list(PluginSearchResult),
  nextCursor: nullish(text),
});
export type PluginSearchResponse = Wire<typeof PluginSearchResponse>;

export const PluginShareTargetRole = oneOf('PluginShareTargetRole', ['reader', 'editor']);
export type PluginShareTargetRole = Wire<typeof PluginShareTargetRole>;

export const PluginShareTarget = struct('PluginShareTarget', {
  principalType: PluginSharePrincipalType,
  principalId: text,
  role: PluginShareTargetRole,
});
export type PluginShareTarget = Wire<typeof PluginShareTarget>;

export const PluginSkillReadParams = struct('PluginSkillReadParams', {
  remoteMarketplaceName: text,
  remotePluginId: text,
  skillName: text,
});
export type PluginSkillReadParams = Wire<typeof PluginSkillReadParams>;

export const PluginSkillReadResponse = struct('PluginSkillReadResponse', {
  contents: nullish(text),
});
export type PluginSkillReadResponse = Wire<typeof PluginSkillReadResponse>;

export const PluginUninstallParams = struct('PluginUninstallParams', {
  pluginId: text,
});
export type PluginUninstallParams = Wire<typeof PluginUninstallParams>;

export const PluginUninstallResponse = struct('PluginUninstallResponse', {});
export type PluginUninstallResponse = Wire<typeof PluginUninstallResponse>;
