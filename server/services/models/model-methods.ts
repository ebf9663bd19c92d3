/** Methods about models, providers and modes. */
import type { ConfigService } from '../../config/settings/config-service.js';
import type { Logger } from '../../log/log.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { listModelProviders } from './model-provider-list.js';
import { writeProvider } from './write-provider.js';
import { setDefaultProvider } from './set-default-provider.js';
import { createCatalogs } from '../../sessions/model/model-catalog.js';
import { createServedLists } from './served-lists.js';
import { listModels } from './model-list.js';

export interface ModelDeps {
  readonly codexHome: string;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly source: ConfigService;
  readonly log: Logger;
}

export const modelMethods = defineMethods((deps: ModelDeps) => {
  const { source, env, codexHome } = deps;
  const log = deps.log.child('codexd::models');
  const catalogs = createCatalogs((message) => log.warn(message));
  const modelRequirements = () => source.settings().modelRequirements;
  const served = createServedLists({ codexHome, env, modelRequirements, log });
  return {
    'model/list': (params) => listModels({ source, catalogs, served, env }, params),
    'modelProvider/list': () => listModelProviders(source, env),
    'modelProvider/config/write': (params) => writeProvider(source, env, params),
    'modelProvider/default/set': (params) => setDefaultProvider(source, env, params),
    // The endpoint searches, with the tool that turns offer. codexd does not create images.
    'modelProvider/capabilities/read': () => ({ imageGeneration: false, webSearch: true }),
    // The modes that turn/start's `collaborationMode` accepts (sessions/context/collaboration-mode.ts).
    'collaborationMode/list': () => ({
      data: [
        { name: 'Plan', mode: 'plan', model: null, reasoning_effort: 'medium' },
        { name: 'Default', mode: 'default', model: null, reasoning_effort: null },
      ],
    }),
  };
});
