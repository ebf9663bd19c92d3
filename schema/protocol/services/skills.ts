/** Skills. */
import { bool, list, nullish, omittable, omitted, oneOf, optional, path, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf, LegacyAppPathString } from '../common/paths.js';

export const SkillInterface = struct('SkillInterface', {
  displayName: omitted(text),
  shortDescription: omitted(text),
  iconSmall: omitted(AbsolutePathBuf),
  iconLarge: omitted(AbsolutePathBuf),
  iconSmallUrl: nullish(text),
  iconLargeUrl: nullish(text),
  brandColor: omitted(text),
  defaultPrompt: omitted(text),
});
export type SkillInterface = Wire<typeof SkillInterface>;

export const SkillSummary = struct('SkillSummary', {
  name: text,
  description: text,
  shortDescription: nullish(text),
  interface: nullish(SkillInterface),
  path: nullish(LegacyAppPathString),
  enabled: bool,
});
export type SkillSummary = Wire<typeof SkillSummary>;

export const SkillToolDependency = struct('SkillToolDependency', {
  type: text,
  value: text,
  description: omitted(text),
  transport: omitted(text),
  command: omitted(text),
  url: omitted(text),
});
export type SkillToolDependency = Wire<typeof SkillToolDependency>;

export const SkillDependencies = struct('SkillDependencies', {
  tools: list(SkillToolDependency),
});
export type SkillDependencies = Wire<typeof SkillDependencies>;

export const SkillErrorInfo = struct('SkillErrorInfo', {
  path: text,
  message: text,
});
export type SkillErrorInfo = Wire<typeof SkillErrorInfo>;

export const SkillScope = oneOf('SkillScope', ['user', 'repo', 'system', 'admin']);
export type SkillScope = Wire<typeof SkillScope>;

export const SkillMetadata = struct('SkillMetadata', {
  name: text,
  description: text,
  shortDescription: omitted(text),
  interface: omitted(SkillInterface),
  dependencies: omitted(SkillDependencies),
  path: LegacyAppPathString,
  scope: SkillScope,
  enabled: bool,
  pluginId: nullish(text),
});
export type SkillMetadata = Wire<typeof SkillMetadata>;

export const SkillsChangedNotification = struct('SkillsChangedNotification', {});
export type SkillsChangedNotification = Wire<typeof SkillsChangedNotification>;

export const SkillsConfigWriteParams = struct('SkillsConfigWriteParams', {
  path: optional(AbsolutePathBuf),
  name: optional(text),
  enabled: bool,
});
export type SkillsConfigWriteParams = Wire<typeof SkillsConfigWriteParams>;

export const SkillsConfigWriteResponse = struct('SkillsConfigWriteResponse', {
  effectiveEnabled: bool,
});
export type SkillsConfigWriteResponse = Wire<typeof SkillsConfigWriteResponse>;

export const SkillsExtraRootsSetParams = struct('SkillsExtraRootsSetParams', {
  extraRoots: list(AbsolutePathBuf),
});
export type SkillsExtraRootsSetParams = Wire<typeof SkillsExtraRootsSetParams>;

export const SkillsExtraRootsSetResponse = struct('SkillsExtraRootsSetResponse', {});
export type SkillsExtraRootsSetResponse = Wire<typeof SkillsExtraRootsSetResponse>;

export const SkillsListEntry = struct('SkillsListEntry', {
  cwd: text,
  skills: list(SkillMetadata),
  errors: list(SkillErrorInfo),
});
export type SkillsListEntry = Wire<typeof SkillsListEntry>;

export const SkillsListParams = struct('SkillsListParams', {
  cwds: omittable(list(path), []),
  forceReload: omittable(bool, false),
});
export type SkillsListParams = Wire<typeof SkillsListParams>;

export const SkillsListResponse = struct('SkillsListResponse', {
  data: list(SkillsListEntry),
});
export type SkillsListResponse = Wire<typeof SkillsListResponse>;
