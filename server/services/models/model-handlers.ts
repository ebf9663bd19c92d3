/** Models, providers and modes. */
import type { ConfigService } from '../../config/settings/config-service.js';
import type { Logger } from '../../log/log.js';
import type { HandlerTable } from '../../rpc/connection/caller.js';
import { listModelProviders } from './model-provider-list.js';
import { listModels, type DaemonPlaces } from './model-list.js';
import type { MODEL_METHODS } from '../service-methods.js';

export function modelHandlers(
  source: ConfigService,
  log: Logger,
  daemon: DaemonPlaces,
): Required<Pick<HandlerTable, (typeof MODEL_METHODS)[number]>> {
  return {
    'model/list': (params) => listModels(source, log, daemon, params),
    'modelProvider/list': () => listModelProviders(source, daemon.env),
    // Searching is done by the endpoint, with the tool that turns offer it; images are not made.
    'modelProvider/capabilities/read': () => ({ imageGeneration: false, webSearch: true }),
    // What turn/start's `collaborationMode` understands (sessions/context/collaboration-mode.ts).
    'collaborationMode/list': () => ({
      data: [
        { name: 'Plan', mode: 'plan', model: null, reasoning_effort: 'medium' },
        { name: 'Default', mode: 'default', model: null, reasoning_effort: null },
      ],
    }),
  };
}
