/**
 * modelProvider/default/set (since 0.171, docs/protocol/services.md §3): the provider of new threads, in the user's
 * config.toml.
 */
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { writeConfig } from '../../config/write/write-config.js';
import { writeRefused } from '../../config/write/write-refusal.js';
import { providerSettings } from '../../sessions/model/provider/provider-settings.js';

/** The model stays as it is. Throws RpcError: the provider is not configured, or the file cannot be written. */
export async function setDefaultProvider(
  source: ConfigService,
  env: Readonly<NodeJS.ProcessEnv>,
  { providerId }: RequestParams<'modelProvider/default/set'>,
): Promise<RequestResult<'modelProvider/default/set'>> {
  const { table } = source.resolve(source.sources.cwd).effective;
  if (providerSettings(table, providerId, env) === null)
    throw writeRefused('configValidationError', `Model provider \`${providerId}\` is not configured.`);
  return await writeConfig(source, {
    edits: [{ keyPath: 'model_provider', value: providerId, mergeStrategy: 'replace' }],
    filePath: null,
    expectedVersion: null,
  });
}

/** Whether the user's config.toml decides about the provider: no layer above it names one. */
export function canChangeDefault(source: ConfigService): boolean {
  const { layers } = source.resolve(source.sources.cwd).effective;
  const deciding = layers.findLast(({ table }) => table['model_provider'] !== undefined);
  return deciding === undefined || deciding.name.type === 'user' || deciding.name.type === 'system';
}
