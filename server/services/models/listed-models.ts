/** Models as model/list describes them: from entries of a catalog, or from names alone. */
import { wordOf } from '../../system/node/objects.js';
import type { MultiAgentVersion } from '../../../schema/protocol/common/model-settings.js';
import type { InputModality, Model } from '../../../schema/protocol/services/model.js';
import type { TomlTable } from '../../config/toml/value.js';
import type { CatalogEntry } from '../../sessions/model/known-models.js';

/**
 * Sorts by priority. The first visible model is the default. `supported_in_api: false` needs a login that codexd does
 * not support.
 */
export function modelsOf(entries: readonly CatalogEntry[]): Model[] {
  const sorted = entries
    .filter(({ supported_in_api: api }) => api !== false)
    .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  const first = sorted.find(isShown);
  return sorted.map((entry) => modelOf(entry, entry.slug, entry === first));
}

/** `name`: what the server calls the model, which may be longer than the slug. */
export function modelOf(entry: CatalogEntry, name: string, isDefault: boolean): Model {
  return {
    ...bareModel(name),
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
    displayName: name === entry.slug ? (entry.display_name ?? name) : name,
    description: entry.description ?? '',
    modelSpecialty: entry.model_specialty ?? null,
    hidden: !isShown(entry),
    supportedReasoningEfforts: (entry.supported_reasoning_levels ?? []).map(({ effort, description }) => ({
      reasoningEffort: effort,
      description: description ?? '',
    })),
    defaultReasoningEffort: entry.default_reasoning_level ?? 'none',
    inputModalities: modalitiesOf(entry),
    supportsPersonality: entry.supports_personality === true,
    multiAgentVersion: wordOf(AGENTS, entry.multi_agent_version) ?? null,
    additionalSpeedTiers: [...(entry.additional_speed_tiers ?? [])],
    serviceTiers: [...(entry.service_tiers ?? [])],
    defaultServiceTier: entry.default_service_tier ?? null,
    isDefault,
  };
}

const AGENTS: readonly MultiAgentVersion[] = ['disabled', 'v1', 'v2'];

const modalitiesOf = ({ input_modalities: given }: CatalogEntry): InputModality[] =>
  given === null || given === undefined ? ['text', 'image'] : MODALITIES.filter((known) => given.includes(known));

const MODALITIES: readonly InputModality[] = ['text', 'image', 'audio'];

const isShown = ({ visibility }: CatalogEntry): boolean => visibility !== 'hide' && visibility !== 'none';

/**
 * A model of which only the name is known. Its only choice of effort is that of new threads, because clients hide a
 * model without efforts.
 */
export function namedModel(name: string, table: TomlTable, isDefault: boolean): Model {
  const { model_reasoning_effort: configured } = table;
  const reasoningEffort = typeof configured === 'string' ? configured : 'none';
  return {
    ...bareModel(name),
    supportedReasoningEfforts: [{ reasoningEffort, description: 'As configured' }],
    defaultReasoningEffort: reasoningEffort,
    isDefault,
  };
}

const bareModel = (slug: string): Model => ({
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
  isDefault: false,
});
