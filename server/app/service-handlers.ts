/** The services of one daemon that are no sessions: accounts, models, skills, and what can be plugged in. */
import type { FeatureScope } from '../config/handlers/experimental-feature.js';
import type { ConfigService } from '../config/settings/config-service.js';
import type { Logger } from '../log/log.js';
import type { HandlerTable } from '../rpc/connection/caller.js';
import type { Outbox } from '../sessions/live/outbox.js';
import { accountHandlers } from '../services/account/account-handlers.js';
import { extensionHandlers } from '../services/extensions/extension-handlers.js';
import { modelHandlers } from '../services/models/model-handlers.js';
import type { ServiceMethod } from '../services/service-methods.js';
import { skillHandlers } from '../services/skills/skill-handlers.js';

export interface ServiceDeps {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly outbox: Outbox;
  /** The configuration of a loaded thread. Rejects with RpcError when there is none of that id. */
  readonly threadConfig: (threadId: string) => Promise<FeatureScope>;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

/** Reads nothing yet. */
export function serviceHandlers(deps: ServiceDeps): Required<Pick<HandlerTable, ServiceMethod>> {
  return {
    ...accountHandlers(deps),
    ...modelHandlers(deps.source, deps.log.child('codexd::models'), deps),
    ...skillHandlers(deps),
    ...extensionHandlers(deps),
  };
}
