import { invalidRequest } from '../../errors/rpc-error.js';
import { createFeatureSwitches } from '../settings/feature-switches.js';
import { readConfig } from './config-read.js';
import { createWriteQueue, writeConfigBatch, writeConfigValue } from './config-write.js';
import { readConfigRequirements } from './config-requirements-read.js';
import { listFeatures, setFeatureEnablement } from './experimental-feature.js';
import { listPermissionProfiles } from './permission-profile-list.js';
import type { HandlerTable } from '../../rpc/connection/caller.js';
import type { ConfigService } from '../settings/config-service.js';
import type { FeatureScope } from './experimental-feature.js';

export interface ConfigHandlerDeps {
  readonly source: ConfigService;
  /** The configuration of a loaded thread. Throws RpcError when there is none of that id. */
  readonly threadConfig?: (threadId: string) => FeatureScope;
  /** Called after a batch with `reloadUserConfig`: loaded threads take over the settings that they can change. */
  readonly onReload?: () => void;
}

export type ConfigMethod =
  | 'config/read'
  | 'configRequirements/read'
  | 'config/value/write'
  | 'config/batchWrite'
  | 'permissionProfile/list'
  | 'experimentalFeature/list'
  | 'experimentalFeature/enablement/set';

/** The methods of the configuration family. */
export function configHandlers({
  source,
  threadConfig = noThread,
  onReload = () => {},
}: ConfigHandlerDeps): Required<Pick<HandlerTable, ConfigMethod>> {
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
}

function noThread(threadId: string): FeatureScope {
  throw invalidRequest(`thread not found: ${threadId}`);
}
