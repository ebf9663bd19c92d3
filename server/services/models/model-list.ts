/**
 * model/list (docs/protocol/services.md §3): the models of the catalog in `model_catalog_json`; else those that the
 * provider's server lists; else those that codexd knows.
 */
import type { Model } from '../../../schema/protocol/services/model.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import type { TomlTable } from '../../config/toml/value.js';
import { defaultProvider } from '../../sessions/methods/thread/lifecycle-common.js';
import { KNOWN_MODELS } from '../../sessions/model/known-models.js';
import { findEntry, type Catalogs } from '../../sessions/model/model-catalog.js';
import { localServer } from '../../sessions/model/provider/local-servers.js';
import { providerSettings } from '../../sessions/model/provider/provider-settings.js';
import { isServed } from '../../sessions/model/served-models.js';
import { DEFAULT_MODEL, isProvider, missingProvider } from '../../sessions/state/state-parts.js';
import { pageOf } from '../../rpc/connection/offset-page.js';
import { modelOf, modelsOf, namedModel } from './listed-models.js';
import type { ServedLists } from './served-lists.js';

export interface ModelListDeps {
  readonly source: ConfigService;
  readonly catalogs: Catalogs;
  readonly served: ServedLists;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** Rejects with RpcError for an unknown provider, or for a cursor that no page returned. */
export async function listModels(
  deps: ModelListDeps,
  params: RequestParams<'model/list'>,
): Promise<RequestResult<'model/list'>> {
  const { table } = deps.source.resolve(deps.source.sources.cwd).effective;
  const { modelProvider } = params;
  if (modelProvider && !isProvider(modelProvider, table)) throw missingProvider(modelProvider);
  const all = await modelsFor(deps, table, modelProvider ?? defaultProvider(deps.source));
  const shown = all.filter(({ hidden }) => !hidden || params.includeHidden === true);
  return pageOf(shown, params, 'models');
}

async function modelsFor(
  { catalogs, served, env }: ModelListDeps,
  table: TomlTable,
  providerId: string,
): Promise<Model[]> {
  const settings = providerSettings(table, providerId, env);
  if (settings === null || typeof table.model_catalog_json === 'string') return modelsOf(catalogs.of(table));
  const names = await served.of(settings);
  if (names.length > 0) return servedList(names, table);
  // Ollama and LM Studio have none of the known models.
  return localServer(providerId) === null ? modelsOf(KNOWN_MODELS) : [namedModel(configuredModel(table), table, true)];
}

/** The server's models. The model for new threads is among them, and is the default. */
function servedList(served: readonly string[], table: TomlTable): Model[] {
  const { model } = table;
  const chosen = typeof model === 'string' && model !== '' ? model : served[0]!;
  const names = isServed(chosen, served) ? served : [chosen, ...served];
  return names.map((name) => {
    const isDefault = name === chosen || name === `${chosen}:latest`;
    const entry = findEntry(KNOWN_MODELS, name);
    return entry === null ? namedModel(name, table, isDefault) : { ...modelOf(entry, name, isDefault), hidden: false };
  });
}

const configuredModel = ({ model }: TomlTable): string =>
  typeof model === 'string' && model !== '' ? model : DEFAULT_MODEL;
