/**
 * model/list (docs/protocol/services.md §3): the models of the catalog in `model_catalog_json`. Without a catalog: the
 * models that a local server lists. codexd has no catalog of its own. Without both it knows only the name of the model
 * for new threads.
 */
import { describe as describeError } from '../../errors/describe.js';
import { readWhole, withFile } from '../../system/files/open-file.js';
import type { InputModality, Model } from '../../../schema/protocol/services/model.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import type { TomlTable } from '../../config/toml/value.js';
import type { Logger } from '../../log/log.js';
import { defaultProvider } from '../../sessions/methods/thread/lifecycle-common.js';
import { providerSettings, type ProviderSettings } from '../../sessions/model/provider/provider-settings.js';
import { isLocal, isServed, servedModels } from '../../sessions/model/served-models.js';
import { DEFAULT_MODEL, isProvider, missingProvider } from '../../sessions/state/state-parts.js';
import { pageOf } from '../../rpc/connection/offset-page.js';

export interface DaemonPlaces {
  readonly codexHome: string;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** Rejects with RpcError for an unknown provider, or for a cursor that no page returned. */
export async function listModels(
  source: ConfigService,
  log: Logger,
  daemon: DaemonPlaces,
  params: RequestParams<'model/list'>,
): Promise<RequestResult<'model/list'>> {
  const { table } = source.resolve(source.sources.cwd).effective;
  const { modelProvider } = params;
  if (modelProvider && !isProvider(modelProvider, table)) throw missingProvider(modelProvider);
  const settings = providerSettings(table, modelProvider ?? defaultProvider(source), daemon.env);
  const known =
    catalogOf(table, log) ??
    (settings === null || !isLocal(settings) ? null : await servedBy(settings, source, daemon, table, log));
  const all = (known ?? [configuredModel(table)]).filter(({ hidden }) => !hidden || params.includeHidden === true);
  return pageOf(all, params, 'models');
}

/** In bytes. */
const MAX_CATALOG = 4 * 1024 * 1024;

/** Null: no catalog, or a catalog that cannot be read. */
function catalogOf(table: TomlTable, log: Logger): Model[] | null {
  const file = table.model_catalog_json;
  if (typeof file !== 'string') return null;
  try {
    return catalogModels(
      JSON.parse(withFile(file, (opened) => readWhole(opened, MAX_CATALOG)).toString()) as {
        models?: readonly Entry[];
      },
    );
  } catch (error) {
    log.warn(...describeError(`model_catalog_json \`${file}\` cannot be read`, error));
    return null;
  }
}

/**
 * The server's models. The model for new threads is marked as the default. Null: the server does not answer, or has no
 * models.
 */
async function servedBy(
  settings: ProviderSettings,
  source: ConfigService,
  { codexHome, env }: DaemonPlaces,
  table: TomlTable,
  log: Logger,
): Promise<Model[] | null> {
  const served = await servedModels({
    settings,
    codexHome,
    env,
    modelRequirements: () => source.settings().modelRequirements,
  }).catch((error: Error) => {
    log.warn(...describeError(`the models of \`${settings.id}\` cannot be listed`, error));
    return [];
  });
  if (served.length === 0) return null;
  const { model: configured } = table;
  const chosen = typeof configured === 'string' && configured !== '' ? configured : served[0]!;
  const names = isServed(chosen, served) ? served : [chosen, ...served];
  return names.map((name) => ({
    ...configuredModel({ ...table, model: name }),
    isDefault: name === chosen || name === `${chosen}:latest`,
  }));
}

/** An entry of the catalog. Everything except the slug may be missing. */
interface Entry {
  readonly slug: string;
  readonly display_name?: string | null;
  readonly description?: string | null;
  readonly default_reasoning_level?: string | null;
  readonly supported_reasoning_levels?: readonly { readonly effort: string; readonly description?: string }[] | null;
  readonly visibility?: string;
  readonly supported_in_api?: boolean;
  readonly priority?: number;
  readonly upgrade?: { readonly model: string; readonly migration_markdown?: string | null } | null;
  readonly input_modalities?: readonly string[] | null;
  readonly supports_personality?: boolean;
  readonly additional_speed_tiers?: readonly string[] | null;
  readonly service_tiers?:
    readonly { readonly id: string; readonly name: string; readonly description: string }[] | null;
  readonly default_service_tier?: string | null;
}

/**
 * Sorts by priority. The first visible model is the default. `supported_in_api: false` needs a login that codexd does
 * not support.
 */
function catalogModels({ models = [] }: { models?: readonly Entry[] }): Model[] {
  const sorted = models
    .filter(({ slug, supported_in_api: api }) => typeof slug === 'string' && api !== false)
    .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  const first = sorted.find(isShown);
  return sorted.map((entry) => ({
    ...describe(entry.slug),
    upgrade: entry.upgrade?.model ?? null,
    upgradeInfo:
      entry.upgrade === null || entry.upgrade === undefined
        ? null
        : {
            model: entry.upgrade.model,
            upgradeCopy: null,
            modelLink: null,
            migrationMarkdown: entry.upgrade.migration_markdown ?? null,
            retirementAt: null,
          },
    displayName: entry.display_name ?? entry.slug,
    description: entry.description ?? '',
    hidden: !isShown(entry),
    supportedReasoningEfforts: (entry.supported_reasoning_levels ?? []).map(({ effort, description }) => ({
      reasoningEffort: effort,
      description: description ?? '',
    })),
    defaultReasoningEffort: entry.default_reasoning_level ?? 'none',
    inputModalities: modalitiesOf(entry),
    supportsPersonality: entry.supports_personality === true,
    additionalSpeedTiers: [...(entry.additional_speed_tiers ?? [])],
    serviceTiers: [...(entry.service_tiers ?? [])],
    defaultServiceTier: entry.default_service_tier ?? null,
    isDefault: entry === first,
  }));
}

const modalitiesOf = ({ input_modalities: given }: Entry): InputModality[] =>
  given === null || given === undefined ? ['text', 'image'] : MODALITIES.filter((known) => given.includes(known));

const MODALITIES: readonly InputModality[] = ['text', 'image', 'audio'];

const isShown = ({ visibility }: Entry): boolean => visibility !== 'hide' && visibility !== 'none';

/**
 * The model for new threads. Its efforts are unknown, so the only choice is the effort of new threads (clients hide a
 * model without efforts).
 */
function configuredModel(table: TomlTable): Model {
  const model = typeof table.model === 'string' && table.model !== '' ? table.model : DEFAULT_MODEL;
  const effort = typeof table.model_reasoning_effort === 'string' ? table.model_reasoning_effort : 'none';
  const reasoningEffort = effort;
  return {
    ...describe(model),
    supportedReasoningEfforts: [{ reasoningEffort, description: 'As configured' }],
    defaultReasoningEffort: reasoningEffort,
  };
}

const describe = (slug: string): Model => ({
  id: slug,
  model: slug,
  upgrade: null,
  upgradeInfo: null,
  availabilityNux: null,
  displayName: slug,
  description: '',
  modelSpecialty: null,
  hidden: false,
  supportedReasoningEfforts: [],
  defaultReasoningEffort: 'none',
  inputModalities: ['text', 'image'],
  supportsPersonality: false,
  multiAgentVersion: null,
  additionalSpeedTiers: [],
  serviceTiers: [],
  defaultServiceTier: null,
  availableAccessPrograms: null,
  isDefault: true,
});
