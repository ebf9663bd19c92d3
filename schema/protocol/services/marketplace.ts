/** Sources of plugins. */
import { bool, list, nullish, optional, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf } from '../common/paths.js';

export const MarketplaceAddParams = struct('MarketplaceAddParams', {
  source: text,
  refName: optional(text),
  sparsePaths: optional(list(text)),
});
export type MarketplaceAddParams = Wire<typeof MarketplaceAddParams>;

export const MarketplaceAddResponse = struct('MarketplaceAddResponse', {
  marketplaceName: text,
  installedRoot: AbsolutePathBuf,
  alreadyAdded: bool,
});
export type MarketplaceAddResponse = Wire<typeof MarketplaceAddResponse>;

export const MarketplaceInterface = struct('MarketplaceInterface', {
  displayName: nullish(text),
});
export type MarketplaceInterface = Wire<typeof MarketplaceInterface>;

export const MarketplaceLoadErrorInfo = struct('MarketplaceLoadErrorInfo', {
  marketplacePath: AbsolutePathBuf,
  message: text,
});
export type MarketplaceLoadErrorInfo = Wire<typeof MarketplaceLoadErrorInfo>;

export const MarketplaceRemoveParams = struct('MarketplaceRemoveParams', {
  marketplaceName: text,
});
export type MarketplaceRemoveParams = Wire<typeof MarketplaceRemoveParams>;

export const MarketplaceRemoveResponse = struct('MarketplaceRemoveResponse', {
  marketplaceName: text,
  installedRoot: nullish(AbsolutePathBuf),
});
export type MarketplaceRemoveResponse = Wire<typeof MarketplaceRemoveResponse>;

export const MarketplaceUpgradeErrorInfo = struct('MarketplaceUpgradeErrorInfo', {
  marketplaceName: text,
  message: text,
});
export type MarketplaceUpgradeErrorInfo = Wire<typeof MarketplaceUpgradeErrorInfo>;

export const MarketplaceUpgradeParams = struct('MarketplaceUpgradeParams', {
  marketplaceName: optional(text),
});
export type MarketplaceUpgradeParams = Wire<typeof MarketplaceUpgradeParams>;

export const MarketplaceUpgradeResponse = struct('MarketplaceUpgradeResponse', {
  selectedMarketplaces: list(text),
  upgradedRoots: list(AbsolutePathBuf),
  errors: list(MarketplaceUpgradeErrorInfo),
});
export type MarketplaceUpgradeResponse = Wire<typeof MarketplaceUpgradeResponse>;
