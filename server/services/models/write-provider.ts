/**
 * modelProvider/config/write (docs/protocol/services.md §3): a custom gateway in the user's config.toml, made or
 * changed. Omitted members keep their values, null removes them.
 */
import type {
  CustomGatewaySettingsParams,
  ModelProviderSummary,
} from '../../../schema/protocol/services/model-provider.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { problemText } from '../../config/layers/config-problem.js';
import { layerReference } from '../../config/layers/layer.js';
import { BUILT_IN_PROVIDERS } from '../../config/shape/semantic-checks.js';
import { isTable, tableAt } from '../../config/toml/value.js';
import { writeConfig } from '../../config/write/write-config.js';
import { writeRefused, type WriteErrorCode } from '../../config/write/write-refusal.js';
import { internalError, RpcError } from '../../errors/rpc-error.js';
import {
  gatewayAuth,
  isHeldAbove,
  isPlainAddress,
  providerSummary,
  type ProviderConfiguration,
  type ProviderField,
} from './provider-summary.js';

type Environment = Readonly<NodeJS.ProcessEnv>;
/** A value; null removes it. Undefined: it stays. */
type Changes = Partial<Record<ProviderField, string | null>>;

/** How often a change is made again because another one came first. */
const ATTEMPTS = 20;

/** Throws RpcError: the values are not usable, the provider cannot be changed, or the file cannot be written. */
export async function writeProvider(
  source: ConfigService,
  env: Environment,
  { settings }: RequestParams<'modelProvider/config/write'>,
): Promise<RequestResult<'modelProvider/config/write'>> {
  if (settings.type !== 'customGateway') throw invalid(unsupported(settings.providerId));
  const changes = changesOf(settings);
  for (let attempt = 1; ; attempt++) {
    const configuration = readable(source);
    const id = settings.providerId ?? newId(configuration, changes);
    if (settings.providerId !== null) assertMayChange(configuration, id, changes);
    try {
      await write(source, configuration, { id, isNew: settings.providerId === null, changes });
    } catch (error) {
      if (attempt < ATTEMPTS && isConflict(error)) continue;
      throw error;
    }
    return { provider: written(source, env, id) };
  }
}

/** Throws RpcError for a configuration that cannot be read: a new id could be that of a provider in it. */
function readable(source: ConfigService): ProviderConfiguration {
  const { effective, problem } = source.resolve(source.sources.cwd);
  if (problem === null) return effective;
  throw internalError(`failed to load configuration: ${problemText(effective, problem)}`);
}

const unsupported = (id: string): string =>
  `codexd does not support the provider \`${id}\`. Configure a gateway in front of it: type \`customGateway\` with its \`baseUrl\`.`;

/** Trimmed and checked. */
function changesOf({ name, baseUrl, envKey }: CustomGatewaySettingsParams): Changes {
  const changes: Changes = {};
  if (name !== undefined) changes.name = name.trim();
  if (baseUrl !== undefined) changes.base_url = baseUrl?.trim() ?? null;
  if (envKey !== undefined) changes.env_key = envKey?.trim() ?? null;
  if (changes.name === '') throw invalid('Enter a provider name.');
  if (typeof changes.base_url === 'string' && !isPlainAddress(changes.base_url))
    throw invalid('Enter an HTTP(S) base URL without credentials, a query, or a fragment.');
  if (typeof changes.env_key === 'string' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(changes.env_key))
    throw invalid('Invalid API key environment variable name.');
  return changes;
}

/** From the name: `Team Gateway` is `team-gateway`, and `team-gateway-2` if there is one already. */
function newId({ table }: ProviderConfiguration, { name, base_url: baseUrl }: Changes): string {
  if (typeof name !== 'string') throw invalid('Enter a provider name.');
  if (typeof baseUrl !== 'string') throw invalid('A base URL is required to create a custom provider.');
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ['custom'];
  const wanted = words.join('-');
  if (BUILT_IN_PROVIDERS.includes(wanted))
    throw invalid('This name is reserved for a built-in provider. Enter a different custom provider name.');
  const taken = tableAt(table, 'model_providers');
  let id = wanted;
  for (let number = 2; Object.hasOwn(taken, id); number++) id = `${wanted}-${number}`;
  return id;
}

function assertMayChange({ table, layers }: ProviderConfiguration, id: string, changes: Changes): void {
  if (BUILT_IN_PROVIDERS.includes(id)) throw invalid('A custom provider or gateway cannot use a built-in provider ID.');
  const providers = tableAt(table, 'model_providers');
  if (!Object.hasOwn(providers, id) || !isTable(providers[id]))
    throw writeRefused('configPathNotFound', 'Unknown provider ID.');
  if (changes.env_key !== undefined && gatewayAuth(table, id).mode === 'externallyConfigured')
    throw invalid('Authentication is configured externally. Omit envKey to preserve it.');
  if (fieldsOf(changes).some((field) => isHeldAbove(layers, id, field)))
    throw writeRefused('configLayerReadonly', 'This configuration field is read-only.');
}

const fieldsOf = (changes: Changes): ProviderField[] => Object.keys(changes).sort() as ProviderField[];

/** Fails with a conflict if the user's file changed after `layers` were read. */
async function write(
  source: ConfigService,
  { layers }: ProviderConfiguration,
  { id, isNew, changes }: { readonly id: string; readonly isNew: boolean; readonly changes: Changes },
): Promise<void> {
  const keyPath = `model_providers.${JSON.stringify(id)}`;
  const set = fieldsOf(changes).map((field) => [field, changes[field]] as const);
  const edits = isNew
    ? [
        {
          keyPath,
          value: Object.fromEntries([...set.filter(([, value]) => value !== null), ['wire_api', 'responses']]),
        },
      ]
    : set.map(([field, value]) => ({ keyPath: `${keyPath}.${field}`, value }));
  if (edits.length === 0) return;
  const user = layers.find(({ name }) => name.type === 'user' && name.profile === null);
  await writeConfig(source, {
    edits: edits.map((edit) => ({ ...edit, mergeStrategy: 'replace' })),
    filePath: null,
    expectedVersion: user === undefined ? null : layerReference(user).version,
  });
}

const isConflict = (error: unknown): boolean =>
  error instanceof RpcError && JSON.stringify(error.data ?? null).includes('"configVersionConflict"');

function written(source: ConfigService, env: Environment, id: string): ModelProviderSummary {
  const summary = providerSummary(source.resolve(source.sources.cwd).effective, id, env);
  if (summary !== null) return summary;
  throw writeRefused('configPathNotFound', 'Unknown provider ID.');
}

const invalid = (message: string): RpcError => writeRefused('configValidationError' satisfies WriteErrorCode, message);
