import { createFeatureSwitches } from '../settings/feature-switches.js';
import { readConfig } from './config-read.js';
import { createWriteQueue, writeConfigBatch, writeConfigValue } from './config-write.js';
import { readConfigRequirements } from './config-requirements-read.js';
import { listFeatures, setFeatureEnablement } from './experimental-feature.js';
import { listPermissionProfiles } from './permission-profile-list.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import type { ConfigService } from '../settings/config-service.js';
import type { FeatureScope } from './experimental-feature.js';

export interface ConfigDeps {
  readonly source: ConfigService;
  /** The configuration of a loaded thread. Throws RpcError when there is none of that id. */
  readonly threadConfig: (threadId: string) => FeatureScope;
  /** Called after a batch with `reloadUserConfig`: loaded threads apply the settings that they can change. */
  readonly onReload: () => void;
}

/** config/*, and what the configuration says of permission profiles and features (docs/protocol/config.md). */
export const configMethods = defineMethods(({ source, threadConfig, onReload }: ConfigDeps) => {
  const switches = createFeatureSwitches();
  const queue = createWriteQueue();
  return {
    'config/read': (params) => readConfig(source, switches, params),
    'configRequirements/read': () => readConfigRequirements(source),
    'config/value/write': (params) => writeConfigValue(source, queue, params),
    'config/batchWrite': (params) => writeConfigBatch(source, queue, onReload, params),
    'permissionProfile/list': (params) => listPermissionProfiles(source, params),
    'experimentalFeature/list': (params) =>
      listFeatures(source, switches, params, params.threadId ? threadConfig(params.threadId) : null),
    'experimentalFeature/enablement/set': (params) => setFeatureEnablement(switches, params),
  };
});
