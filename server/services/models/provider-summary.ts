/** A provider as modelProvider/list and modelProvider/config/write describe it (docs/protocol/services.md §3). */
import type { GatewayAuth, ModelProviderSummary } from '../../../schema/protocol/services/model-provider.js';
import { isTable, tableAt, type TomlTable } from '../../config/toml/value.js';
import type { Layer } from '../../config/layers/layer.js';
import { providerSettings } from '../../sessions/model/provider/provider-settings.js';

/** The keys of a provider that modelProvider/config/write changes. */
export const PROVIDER_FIELDS = ['name', 'base_url', 'env_key'] as const;
export type ProviderField = (typeof PROVIDER_FIELDS)[number];

/** What was read of the configuration: its layers, the lowest first, and their sum. */
export interface ProviderConfiguration {
  readonly table: TomlTable;
  readonly layers: readonly Layer[];
}

/** Null: no provider has the id. `env`: the daemon's environment. */
export function providerSummary(
  configuration: ProviderConfiguration,
  id: string,
  env: Readonly<NodeJS.ProcessEnv>,
): ModelProviderSummary | null {
  const settings = providerSettings(configuration.table, id, env);
  if (settings === null) return null;
  if (id === 'openai') return { id, name: settings.name, canEdit: false, baseUrl: null, settings: { type: 'openai' } };
  return {
    id,
    name: settings.name,
    canEdit: PROVIDER_FIELDS.some((field) => !isHeldAbove(configuration.layers, id, field)),
    baseUrl: isPlainAddress(settings.baseUrl) ? settings.baseUrl : null,
    settings: { type: 'customGateway', auth: gatewayAuth(configuration.table, id) },
  };
}

/** How a provider proves who asks. A way that the protocol cannot describe is `externallyConfigured`. */
export function gatewayAuth(table: TomlTable, id: string): GatewayAuth {
  const provider = tableAt(tableAt(table, 'model_providers'), id);
  const { env_key: named, requires_openai_auth: login } = provider;
  const envKey = typeof named === 'string' ? named : null;
  const external = login === true || OTHER_WAYS.some((key) => isPresent(provider, key));
  if (external) return { mode: 'externallyConfigured', envKey };
  return envKey === null ? { mode: 'none' } : { mode: 'environmentVariable', envKey };
}

/** Headers and parameters of a query may carry a key. */
const OTHER_WAYS = ['auth', 'experimental_bearer_token', 'http_headers', 'env_http_headers', 'query_params'] as const;

function isPresent(provider: TomlTable, key: string): boolean {
  const value = provider[key];
  return isTable(value) ? Object.keys(value).length > 0 : value !== undefined;
}

/** Whether an address can be shown: http or https, and nothing in it can be a secret. */
export function isPlainAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password, search, hash } = new URL(address);
  return /^https?:$/.test(protocol) && username + password + search + hash === '' && !/[?#]/.test(address);
}

/** Whether a layer above the user's file sets the field, so that a change of the file has no effect. */
export function isHeldAbove(layers: readonly Layer[], id: string, field: ProviderField): boolean {
  const user = layers.findLastIndex(
    ({ name }) => (name.type === 'user' && name.profile === null) || name.type === 'system',
  );
  return layers
    .slice(user + 1)
    .some(({ table }) => tableAt(tableAt(table, 'model_providers'), id)[field] !== undefined);
}
