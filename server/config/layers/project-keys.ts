/**
 * Which keys of a project's config.toml count before a person has confirmed that file.
 *
 * Threat: a cloned repository, or a command in a folder, writes settings that remove restrictions.
 * Rule: this table has every key of config.toml (a test compares it with the shape). `never`: the key never counts in a
 * project. `free`: it always counts, because it neither grants anything nor reads a file. A comparison: it counts only
 * if the result is as restrictive as without it, or more. `confirmed`: it counts only after a person's confirmation. A
 * key without an entry is `confirmed`.
 */
import { sameValue, isList, isTable, newTable, tableAt } from '../toml/value.js';
import { featureOn } from '../shape/features.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** The configuration without the project's file. */
export interface Surroundings {
  /** The effective content of the other layers, and of the project's folders above. */
  readonly base: TomlTable;
  /** `default_permissions` of the managed requirements. */
  readonly required: string | null;
}

/** Whether the value is at least as restrictive as the configuration without it. */
type Narrows = (own: TomlValue, below: TomlValue | undefined, around: Surroundings) => boolean;

export type KeyRule =
  | 'never'
  | 'free'
  | 'confirmed'
  /** The value as a whole. */
  | { readonly narrows: Narrows }
  /** A table, key by key; keys without a rule are `confirmed`. */
  | { readonly keys: Readonly<Record<string, KeyRule>> }
  /** A table whose keys are names: one rule for the value of each. */
  | { readonly each: KeyRule }
  /** A switch, or a table of settings. */
  | { readonly either: { readonly narrows: Narrows }; readonly keys: Readonly<Record<string, KeyRule>> };

const same = (own: TomlValue, below: TomlValue | undefined): boolean => below !== undefined && sameValue(own, below);
const is = (value: TomlValue): KeyRule => ({ narrows: (own, below) => own === value || same(own, below) });

/** One of `words` (most restrictive first) that is not after the current value (`fallback`: nothing is configured). */
const atMost = (words: readonly string[], fallback: string): KeyRule => ({
  narrows: (own, below = fallback) =>
    words.includes(own as string) && words.indexOf(own as string) <= words.indexOf(below as string),
});
const numberAtMost = (fallback: number): KeyRule => ({
  narrows: (own, below = fallback) => typeof own === 'number' && typeof below === 'number' && own <= below && own >= 0,
});
const without = (all: readonly TomlValue[], some: readonly TomlValue[]): boolean =>
  all.every((item) => some.some((other) => sameValue(item, other)));
const listOf = (value: TomlValue | undefined): readonly TomlValue[] => (isList(value) ? value : []);

/** Whether the current permissions are built-in. A user's profile may deny paths that read-only makes readable. */
function builtIn({ base, required }: Surroundings): boolean {
  const { default_permissions: name } = base;
  const isBuiltIn = (each: TomlValue | undefined | null): boolean =>
    each === undefined || each === null || (typeof each === 'string' && each.startsWith(':'));
  return isBuiltIn(name) && isBuiltIn(required);
}

/** Whether commands have full access without the project. */
function open({ base }: Surroundings): boolean {
  const { default_permissions: name, sandbox_mode: mode } = base;
  if (name === undefined) return mode === 'danger-full-access';
  return name === ':danger-full-access' && (mode === undefined || mode === 'danger-full-access');
}

const permissions = (readOnly: string, workspace: string): KeyRule => ({
  narrows: (own, _below, around) =>
    (own === readOnly && builtIn(around)) || (own === workspace && builtIn(around) && open(around)),
});

/** The current policy: lists of patterns cannot be combined with its `filters`. */
const policyOf = ({ base }: Surroundings): TomlTable => tableAt(base, 'shell_environment_policy');

const networkProxy: KeyRule = {
  either: { narrows: (own, _below, { base }) => own === true || (own === false && !featureOn(base, 'network_proxy')) },
  keys: {
    enabled: { narrows: (own, _below, { base }) => own === true || !featureOn(base, 'network_proxy') },
    mode: is('limited'),
    enable_socks5: is(false),
    enable_socks5_udp: is(false),
    transparent_tcp: is(false),
    dangerously_allow_non_loopback_proxy: is(false),
    dangerously_allow_all_unix_sockets: is(false),
    allow_local_binding: is(false),
    domains: { each: is('deny') },
    unix_sockets: { each: is('deny') },
    // Without the upstream proxy the traffic takes another route, which is not more restrictive.
    allow_upstream_proxy: 'confirmed',
    proxy_url: 'confirmed',
    socks_url: 'confirmed',
  },
};

export const PROJECT_KEYS: Readonly<Record<string, KeyRule>> = {
  openai_base_url: 'never',
  chatgpt_base_url: 'never',
  model_provider: 'never',
  model_providers: 'never',
  notify: 'never',
  profile: 'never',
  profiles: 'never',
  otel: 'never',
  codexd: 'never',

  model: 'free',
  review_model: 'free',
  model_context_window: 'free',
  model_auto_compact_token_limit: 'free',
  model_auto_compact_token_limit_scope: 'free',
  model_reasoning_effort: 'free',
  model_reasoning_summary: 'free',
  model_verbosity: 'free',
  plan_mode_reasoning_effort: 'free',
  service_tier: 'free',
  personality: 'free',
  responses: { keys: { process_mode: is('after_complete_response') } },
  file_opener: 'free',
  hide_agent_reasoning: 'free',
  show_raw_agent_reasoning: 'free',
  disable_paste_burst: 'free',

  sandbox_mode: permissions('read-only', 'workspace-write'),
  default_permissions: permissions(':read-only', ':workspace'),
  sandbox_workspace_write: {
    keys: {
      network_access: is(false),
      exclude_tmpdir_env_var: is(true),
      exclude_slash_tmp: is(true),
      writable_roots: { narrows: (own, below) => isList(own) && without(own, listOf(below)) },
    },
  },
  // Asking is more restrictive than not asking if nothing else restricts commands and a person is asked.
  approval_policy: {
    narrows: (own, below, around) =>
      same(own, below ?? 'on-request') ||
      (own === 'on-request' && below === 'never' && open(around) && reviewedByUser(around)),
  },
  approvals_reviewer: is('user'),
  web_search: atMost(['disabled', 'cached', 'indexed', 'live'], 'disabled'),
  allow_login_shell: is(false),
  background_terminal_max_timeout: numberAtMost(300_000),
  project_doc_max_bytes: numberAtMost(32_768),
  shell_environment_policy: {
    keys: {
      inherit: atMost(['none', 'core', 'all'], 'all'),
      ignore_default_excludes: is(false),
      experimental_use_profile: is(false),
      exclude: {
        narrows: (own, below, around) =>
          isList(own) && policyOf(around).filters === undefined && without(listOf(below), own),
      },
      include_only: {
        narrows: (own, below, around) =>
          isList(own) &&
          policyOf(around).filters === undefined &&
          own.length > 0 &&
          (listOf(below).length === 0 || without(own, listOf(below))),
      },
      set: { each: { narrows: same } },
      filters: 'confirmed',
    },
  },
  features: { keys: { network_proxy: networkProxy } },

  permissions: 'confirmed',
  projects: 'confirmed',
  project_root_markers: 'confirmed',
  project_doc_fallback_filenames: 'confirmed',
  instructions: 'confirmed',
  developer_instructions: 'confirmed',
  compact_prompt: 'confirmed',
  model_instructions_file: 'confirmed',
  model_catalog_json: 'confirmed',
  experimental_compact_prompt_file: 'confirmed',
  forced_chatgpt_workspace_id: 'confirmed',
  forced_login_method: 'confirmed',
  tools: 'confirmed',
  analytics: 'confirmed',
  apps: 'confirmed',
  browser_use: 'confirmed',
  computer_use: 'confirmed',
  desktop: 'confirmed',
  mcp_servers: 'confirmed',
  // Each needs a person's trust before it runs, whatever its file.
  hooks: 'free',
  agents: 'confirmed',
  skills: 'confirmed',
  plugins: 'confirmed',
  marketplaces: 'confirmed',
  tui: 'confirmed',
  notice: 'confirmed',
  history: 'confirmed',
  cli_auth_credentials_store: 'confirmed',
  mcp_oauth_credentials_store: 'confirmed',
  mcp_oauth_callback_port: 'confirmed',
  mcp_oauth_callback_url: 'confirmed',
  mcp_optional_startup_grace_ms: 'confirmed',
  mcp_enterprise_managed_auth: 'confirmed',
  include_environment_context: 'confirmed',
  include_environment_context_time: 'confirmed',
  include_permissions_instructions: 'confirmed',
  include_apps_instructions: 'confirmed',
  include_collaboration_mode_instructions: 'confirmed',
  model_post_turn_compact_threshold_percent: 'confirmed',
  tool_output_token_limit: 'confirmed',
  tool_suggest: 'confirmed',
  auto_review: 'confirmed',
  memories: 'confirmed',
  goals: 'confirmed',
  feedback: 'confirmed',
  orchestrator: 'confirmed',
  cloud: 'confirmed',
  ghost_snapshot: 'confirmed',
  code_mode: 'confirmed',
  rollout_trace: 'confirmed',
  windows: 'confirmed',
  audio: 'confirmed',
  realtime: 'confirmed',
  responses_api_metadata: 'confirmed',
  thread_unload_delay_secs: 'confirmed',
  log_dir: 'confirmed',
  sqlite_home: 'confirmed',
  oss_provider: 'confirmed',
  daybreak: 'confirmed',
  apps_mcp_product_sku: 'confirmed',
  allow_symlinked_codex_home: 'confirmed',
  check_for_update_on_startup: 'confirmed',
  suppress_unstable_features_warning: 'confirmed',
  js_repl_node_path: 'confirmed',
  js_repl_node_module_dirs: 'confirmed',
  experimental_use_unified_exec_tool: 'confirmed',
  experimental_thread_store: 'confirmed',
  experimental_thread_store_endpoint: 'confirmed',
  experimental_realtime_ws_base_url: 'confirmed',
  experimental_realtime_ws_model: 'confirmed',
  experimental_realtime_ws_backend_prompt: 'confirmed',
  experimental_realtime_ws_startup_context: 'confirmed',
  experimental_realtime_start_instructions: 'confirmed',
  experimental_realtime_webrtc_call_base_url: 'confirmed',
};

function reviewedByUser({ base }: Surroundings): boolean {
  return base.approvals_reviewer === undefined || base.approvals_reviewer === 'user';
}

/** Keys that no project may set, in the order of the warnings (docs/protocol/config.md §4). */
export const PROJECT_IGNORED_KEYS: readonly string[] = Object.keys(PROJECT_KEYS).filter(
  (key) => PROJECT_KEYS[key] === 'never',
);

/** The part of a project's table that counts. `leftOut`: the other keys, dotted, in the order of the file. */
export interface Narrowed {
  readonly table: TomlTable;
  readonly leftOut: readonly string[];
}

/** A project's table without the keys that would remove a restriction. */
export function narrowProject(table: TomlTable, around: Surroundings): Narrowed {
  const leftOut: string[] = [];
  const rest = narrowKeys(table, around.base, PROJECT_KEYS, { around, leftOut, path: [], unknown: 'free' });
  return { table: leftOut.length === 0 ? table : rest, leftOut };
}

interface Walk {
  readonly around: Surroundings;
  readonly leftOut: string[];
  readonly path: readonly string[];
  /** Whether keys without a rule stay: at the top level they have no effect; in a section they may have one. */
  readonly unknown: KeyRule;
}

function narrowKeys(own: TomlTable, below: TomlTable, rules: Readonly<Record<string, KeyRule>>, walk: Walk): TomlTable {
  const kept = newTable();
  for (const [key, value] of Object.entries(own)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : walk.unknown;
    const left = narrowValue(value, below[key], rule ?? 'confirmed', { ...walk, path: [...walk.path, key] });
    if (left !== undefined) kept[key] = left;
  }
  return kept;
}

function narrowValue(own: TomlValue, below: TomlValue | undefined, rule: KeyRule, walk: Walk): TomlValue | undefined {
  if (rule === 'free' || rule === 'never') return own;
  const keep = (narrow: boolean): TomlValue | undefined => {
    if (narrow) return own;
    walk.leftOut.push(walk.path.join('.'));
    return undefined;
  };
  if (rule === 'confirmed') return keep(same(own, below));
  if ('narrows' in rule) return keep(rule.narrows(own, below, walk.around));
  const inner: Walk = { ...walk, unknown: 'each' in rule ? rule.each : 'confirmed' };
  if (isTable(own)) return narrowKeys(own, isTable(below) ? below : newTable(), 'each' in rule ? {} : rule.keys, inner);
  return keep('either' in rule && rule.either.narrows(own, below, walk.around));
}
