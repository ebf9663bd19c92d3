/**
 * modelProvider/list (docs/protocol/services.md §3): the providers of the configuration, and the built-in providers.
 */
import type { RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { tableAt } from '../../config/toml/value.js';
import { defaultProvider } from '../../sessions/methods/thread/lifecycle-common.js';
import { providerSummary } from './provider-summary.js';
import { canChangeDefault } from './set-default-provider.js';

export function listModelProviders(
  source: ConfigService,
  env: Readonly<NodeJS.ProcessEnv>,
): RequestResult<'modelProvider/list'> {
  const { effective } = source.resolve(source.sources.cwd);
  const defaultProviderId = defaultProvider(source);
  const ids = new Set(['openai', defaultProviderId, ...Object.keys(tableAt(effective.table, 'model_providers'))]);
  const data = [...ids].sort().flatMap((id) => providerSummary(effective, id, env) ?? []);
  return { data, defaultProviderId, canChangeDefault: canChangeDefault(source) };
}
