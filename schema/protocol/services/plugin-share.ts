/** Sharing plugins. */
import { bool, list, nullish, oneOf, optional, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf } from '../common/paths.js';
import { PluginShareDiscoverability, PluginSharePrincipal, PluginShareTarget, PluginSummary } from './plugin.js';

export const PluginShareCheckoutParams = struct('PluginShareCheckoutParams', {
  remotePluginId: text,
});
export type PluginShareCheckoutParams = Wire<typeof PluginShareCheckoutParams>;

export const PluginShareCheckoutResponse = struct('PluginShareCheckoutResponse', {
  remotePluginId: text,
  pluginId: text,
  pluginName: text,
  pluginPath: AbsolutePathBuf,
  marketplaceName: text,
  marketplacePath: AbsolutePathBuf,
  remoteVersion: nullish(text),
});
export type PluginShareCheckoutResponse = Wire<typeof PluginShareCheckoutResponse>;

export const PluginShareDeleteParams = struct('PluginShareDeleteParams', {
  remotePluginId: text,
});
export type PluginShareDeleteParams = Wire<typeof PluginShareDeleteParams>;

export const PluginShareDeleteResponse = struct('PluginShareDeleteResponse', {});
export type PluginShareDeleteResponse = Wire<typeof PluginShareDeleteResponse>;

export const PluginShareListItem = struct('PluginShareListItem', {
  plugin: PluginSummary,
  localPluginPath: nullish(AbsolutePathBuf),
});
export type PluginShareListItem = Wire<typeof PluginShareListItem>;

export const PluginShareListParams = struct('PluginShareListParams', {});
export type PluginShareListParams = Wire<typeof PluginShareListParams>;

export const PluginShareListResponse = struct('PluginShareListResponse', {
  data: list(PluginShareListItem),
});
export type PluginShareListResponse = Wire<typeof PluginShareListResponse>;

export const PluginShareSaveParams = struct('PluginShareSaveParams', {
  pluginPath: AbsolutePathBuf,
  remotePluginId: optional(text),
  discoverability: optional(PluginShareDiscoverability),
  shareTargets: optional(list(PluginShareTarget)),
});
export type PluginShareSaveParams = Wire<typeof PluginShareSaveParams>;

export const PluginShareSaveResponse = struct('PluginShareSaveResponse', {
  remotePluginId: text,
  shareUrl: text,
  canPublishToWorkspace: nullish(bool),
});
export type PluginShareSaveResponse = Wire<typeof PluginShareSaveResponse>;

export const PluginShareUpdateDiscoverability = oneOf('PluginShareUpdateDiscoverability', [
  'UNLISTED',
  'PRIVATE',
  'LISTED',
]);
export type PluginShareUpdateDiscoverability = Wire<typeof PluginShareUpdateDiscoverability>;

export const PluginShareUpdateTargetsParams = struct('PluginShareUpdateTargetsParams', {
  remotePluginId: text,
  discoverability: PluginShareUpdateDiscoverability,
  shareTargets: list(PluginShareTarget),
});
export type PluginShareUpdateTargetsParams = Wire<typeof PluginShareUpdateTargetsParams>;

export const PluginShareUpdateTargetsResponse = struct('PluginShareUpdateTargetsResponse', {
  principals: list(PluginSharePrincipal),
  discoverability: PluginShareDiscoverability,
});
export type PluginShareUpdateTargetsResponse = Wire<typeof PluginShareUpdateTargetsResponse>;
