/**
 * The facts about OpenAI's models that codexd knows without a server, in the order of the official program (0.171):
 * names, efforts, windows, tiers. The descriptions are codexd's own. `model_catalog_json` replaces all of them
 * (model-catalog.ts).
 */
/** An entry, as in the official program's catalogs. Everything except the slug may be missing. */
export interface CatalogEntry {
  readonly slug: string;
  readonly display_name?: string | null;
  readonly description?: string | null;
  readonly base_instructions?: string | null;
  readonly default_reasoning_level?: string | null;
  readonly supported_reasoning_levels?: readonly { readonly effort: string; readonly description?: string }[] | null;
  readonly default_reasoning_summary?: string | null;
  readonly visibility?: string;
  readonly supported_in_api?: boolean;
  /** The smallest is first. */
  readonly priority?: number;
  readonly upgrade?: { readonly model: string; readonly migration_markdown?: string | null } | null;
  readonly input_modalities?: readonly string[] | null;
  readonly model_specialty?: string | null;
  readonly multi_agent_version?: string | null;
  readonly supports_personality?: boolean;
  readonly additional_speed_tiers?: readonly string[] | null;
  readonly service_tiers?:
    readonly { readonly id: string; readonly name: string; readonly description: string }[] | null;
  readonly default_service_tier?: string | null;
  readonly apply_patch_tool_type?: string | null;
  /** In tokens. */
  readonly context_window?: number | null;
  readonly effective_context_window_percent?: number | null;
  /** In tokens. */
  readonly auto_compact_token_limit?: number | null;
  readonly support_verbosity?: boolean;
  readonly default_verbosity?: string | null;
  readonly truncation_policy?: { readonly mode?: string; readonly limit?: number } | null;
  readonly shell_type?: string;
  readonly supports_image_detail_original?: boolean;
}

const EFFORTS: readonly (readonly [effort: string, description: string])[] = [
  ['low', 'Answers quickly, thinks little'],
  ['medium', 'A balance of speed and thought'],
  ['high', 'Thinks more, for hard problems'],
  ['xhigh', 'Thinks much more, for hard problems'],
  ['max', 'Thinks as much as it can'],
  ['ultra', 'Thinks as much as it can, and hands out work to other agents'],
];

const upTo = (last: string): { readonly effort: string; readonly description: string }[] =>
  EFFORTS.slice(0, EFFORTS.findIndex(([effort]) => effort === last) + 1).map(([effort, description]) => ({
    effort,
    description,
  }));

/** What most of the models have in common. */
const COMMON = {
  default_reasoning_level: 'low',
  supported_reasoning_levels: upTo('ultra'),
  default_reasoning_summary: 'none',
  shell_type: 'unified_exec',
  visibility: 'list',
  supported_in_api: true,
  apply_patch_tool_type: 'freeform',
  support_verbosity: true,
  default_verbosity: 'low',
  truncation_policy: { mode: 'tokens', limit: 10_000 },
  supports_image_detail_original: true,
  input_modalities: ['text', 'image'],
  context_window: 272_000,
  effective_context_window_percent: 95,
  multi_agent_version: 'v2',
} as const satisfies Partial<CatalogEntry>;

/** The tier `priority`; `speed` is what it gives and costs. */
const fast = (speed: string): Pick<CatalogEntry, 'additional_speed_tiers' | 'service_tiers'> => ({
  additional_speed_tiers: ['fast'],
  service_tiers: [{ id: 'priority', name: 'Fast', description: speed }],
});
const TWICE = fast('2x speed, increased usage');
const HALF_MORE = fast('1.5x speed');
const HALF_MORE_USAGE = fast('1.5x speed, increased usage');

const MEDIUM = { default_reasoning_level: 'medium' } as const;
const WIDE = { context_window: 500_000 } as const;
const USUALLY_FAST = { default_service_tier: 'priority' } as const;
const CYBER = { visibility: 'hide', model_specialty: 'cyber' } as const;
const FIRST_AGENTS = { multi_agent_version: 'v1' } as const;
const until = (effort: string) => ({ supported_reasoning_levels: upTo(effort) });
const replacedBy = (model: string) => ({ upgrade: { model } });

type Known = Omit<CatalogEntry, 'priority'>;

function known(slug: string, name: string, description: string, ...facts: readonly Partial<CatalogEntry>[]): Known {
  return Object.assign({ ...COMMON, slug, display_name: name, description }, ...facts) as Known;
}

export const KNOWN_MODELS: readonly CatalogEntry[] = [
  known('gpt-6.2-sol', 'GPT-6.2-Sol', 'For everyday work and code.', WIDE, TWICE),
  known('gpt-6.2-astra', 'GPT-6.2-Astra', 'The strongest, for hard work.', TWICE),
  known('gpt-6.1-terra', 'GPT-6.1 Terra', 'Sees well, costs less.', WIDE, HALF_MORE),
  known('gpt-6.1-sol', 'GPT-6.1-Sol', 'The one before GPT-6.2-Sol.', WIDE, TWICE),
  known('gpt-6-astra', 'GPT-6-Astra', 'The one before GPT-6.2-Astra.', TWICE),
  known('gpt-6-sol', 'GPT-6-Sol', 'The one before GPT-6.1-Sol.', MEDIUM, USUALLY_FAST, HALF_MORE),
  known('gpt-6-luna', 'GPT-6-Luna', 'Quick and cheap, for easy work.', MEDIUM, until('max'), USUALLY_FAST, HALF_MORE),
  known('gpt-5.6-sol', 'GPT-5.6-Sol', 'Old.', replacedBy('gpt-6-sol'), HALF_MORE_USAGE),
  known('gpt-5.6-terra', 'GPT-5.6-Terra', 'Old, costs less.', MEDIUM, replacedBy('gpt-6-sol'), HALF_MORE_USAGE),
  known(
    'gpt-5.6-luna',
    'GPT-5.6-Luna',
    'Old, quick and cheap.',
    MEDIUM,
    until('max'),
    FIRST_AGENTS,
    replacedBy('gpt-6-luna'),
    HALF_MORE_USAGE,
  ),
  known('gpt-daybreak-blue-latest', 'Daybreak Blue', 'For the defence of systems.', CYBER),
  known('gpt-daybreak-red-latest', 'Daybreak Red', 'For authorized research into security.', CYBER, MEDIUM, {
    default_verbosity: 'high',
    context_window: 372_000,
  }),
  known(
    'gpt-5.5',
    'GPT-5.5',
    'Old, for code.',
    MEDIUM,
    until('xhigh'),
    { multi_agent_version: null },
    replacedBy('gpt-6-sol'),
    HALF_MORE_USAGE,
  ),
  known(
    'codex-auto-review',
    'Codex Auto Review',
    'Reviews requests for approval.',
    { visibility: 'hide' },
    MEDIUM,
    until('max'),
    FIRST_AGENTS,
    HALF_MORE_USAGE,
  ),
].map((entry, priority) => ({ ...entry, priority }));
