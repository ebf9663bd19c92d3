/**
 * modelProvider/list (docs/protocol/services.md §3): the providers of the configuration, and the built-in providers.
 */
import type { RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { tableAt } from '../../config/toml/value.js';
import { defaultProvider } from '../../sessions/methods/thread/lifecycle-common.js';
import { canChangeDefault } from './set-default-provider.js';
import { providerSettings } from '../../sessions/model/provider/provider-settings.js';

type Summary = RequestResult<'modelProvider/list'>['data'][number];

export function listModelProviders(
  source: ConfigService,
  env: Readonly<NodeJS.ProcessEnv>,
): RequestResult<'modelProvider/list'> {
  const { table } = source.resolve(source.sources.cwd).effective;
  const defaultProviderId = defaultProvider(source);
  const ids = new Set(['openai', defaultProviderId, ...Object.keys(tableAt(table, 'model_providers'))]);
  const data = [...ids].sort().flatMap((id): Summary[] => {
    const settings = providerSettings(table, id, env);
    if (settings === null) return [];
    if (id === 'openai') {
      return [{ id, name: settings.name, canEdit: false, baseUrl: null, settings: { type: 'openai' } }];
    }
    const auth =
      settings.envKey === null
        ? ({ mode: 'none' } as const)
        : ({ mode: 'environmentVariable', envKey: settings.envKey } as const);
    // `canEdit` refers to modelProvider/config/write, which codexd does not support. Clients still show these providers
    // as the user's own.
    return [
      {
        id,
        name: settings.name,
        canEdit: true,
        baseUrl: settings.baseUrl || null,
        settings: { type: 'customGateway', auth },
      },
    ];
  });
  return { data, defaultProviderId, canChangeDefault: canChangeDefault(source) };
}
