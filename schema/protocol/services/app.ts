/** Apps (connectors). */
import { bool, defaulted, dict, list, nullish, omittable, optional, struct, text, u32 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const AppBranding = struct('AppBranding', {
  category: nullish(text),
  developer: nullish(text),
  website: nullish(text),
  privacyPolicy: nullish(text),
  termsOfService: nullish(text),
  isDiscoverableApp: bool,
});
export type AppBranding = Wire<typeof AppBranding>;

export const AppReview = struct('AppReview', {
  status: text,
});
export type AppReview = Wire<typeof AppReview>;

export const AppScreenshot = struct('AppScreenshot', {
  url: nullish(text),
  fileId: nullish(text),
  userPrompt: text,
});
export type AppScreenshot = Wire<typeof AppScreenshot>;

export const AppMetadata = struct('AppMetadata', {
  review: nullish(AppReview),
  categories: nullish(list(text)),
  subCategories: nullish(list(text)),
  seoDescription: nullish(text),
  screenshots: nullish(list(AppScreenshot)),
  developer: nullish(text),
  version: nullish(text),
  versionId: nullish(text),
  versionNotes: nullish(text),
  firstPartyRequiresInstall: nullish(bool),
  showInComposerWhenUnlinked: nullish(bool),
});
export type AppMetadata = Wire<typeof AppMetadata>;

export const AppInfo = struct('AppInfo', {
  id: text,
  name: text,
  description: nullish(text),
  logoUrl: nullish(text),
  logoUrlDark: nullish(text),
  iconAssets: nullish(dict(text)),
  iconDarkAssets: nullish(dict(text)),
  distributionChannel: nullish(text),
  branding: nullish(AppBranding),
  appMetadata: nullish(AppMetadata),
  labels: nullish(dict(text)),
  installUrl: nullish(text),
  isAccessible: defaulted(bool, false),
  isEnabled: defaulted(bool, true),
  pluginDisplayNames: defaulted(list(text), []),
});
export type AppInfo = Wire<typeof AppInfo>;

export const AppListUpdatedNotification = struct('AppListUpdatedNotification', {
  data: list(AppInfo),
});
export type AppListUpdatedNotification = Wire<typeof AppListUpdatedNotification>;

export const AppToolSummary = struct('AppToolSummary', {
  name: text,
  title: nullish(text),
  description: text,
  isEnabled: defaulted(bool, true),
  disabledReason: nullish(text),
  isReadOnly: defaulted(bool, false),
});
export type AppToolSummary = Wire<typeof AppToolSummary>;

export const AppsInstalledParams = struct('AppsInstalledParams', {
  threadId: optional(text),
  forceRefresh: omittable(bool, false),
});
export type AppsInstalledParams = Wire<typeof AppsInstalledParams>;

export const InstalledApp = struct('InstalledApp', {
  id: text,
  runtimeName: nullish(text),
  enabled: bool,
  callable: bool,
});
export type InstalledApp = Wire<typeof InstalledApp>;

export const AppsInstalledResponse = struct('AppsInstalledResponse', {
  apps: list(InstalledApp),
});
export type AppsInstalledResponse = Wire<typeof AppsInstalledResponse>;

export const AppsListParams = struct('AppsListParams', {
  cursor: optional(text),
  limit: optional(u32),
  threadId: optional(text),
  forceRefetch: omittable(bool, false),
});
export type AppsListParams = Wire<typeof AppsListParams>;

export const AppsListResponse = struct('AppsListResponse', {
  data: list(AppInfo),
  nextCursor: nullish(text),
});
export type AppsListResponse = Wire<typeof AppsListResponse>;

export const AppsReadParams = struct('AppsReadParams', {
  appIds: list(text),
  threadId: optional(text),
  includeTools: omittable(bool, false),
});
export type AppsReadParams = Wire<typeof AppsReadParams>;

export const ConnectorMetadata = struct('ConnectorMetadata', {
  id: text,
  name: text,
  description: nullish(text),
  iconUrl: nullish(text),
  iconUrlDark: nullish(text),
  distributionChannel: nullish(text),
  installUrl: nullish(text),
  pluginDisplayNames: defaulted(list(text), []),
  toolSummaries: nullish(list(AppToolSummary)),
});
export type ConnectorMetadata = Wire<typeof ConnectorMetadata>;

export const AppsReadResponse = struct('AppsReadResponse', {
  apps: list(ConnectorMetadata),
  missingAppIds: list(text),
});
export type AppsReadResponse = Wire<typeof AppsReadResponse>;
