/**
 * How codexd enforces each key that an administrator can write.
 *
 * Rule: codexd enforces a key, or refuses to start with it. No key is read and then ignored.
 * `enforced`: `by` says how. `nothing`: codexd has no function that the key could restrict, so the demand is always
 * met; a developer who adds such a function finds the key in this list. `refused`: the daemon does not start and names
 * the key; for some keys only certain values have this effect.
 * Scope: requirements.toml and the network table of a permission profile. test/config/shape/enforcement.test.ts
 * compares the shapes with this list and tests each key against a daemon.
 */
import { isList, isTable, valueAt } from '../toml/value.js';
import { HOOK_EVENTS } from './service-shape.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

export type Enforcement =
  | { readonly kind: 'enforced'; readonly by: string }
  | { readonly kind: 'nothing'; readonly because: string }
  | { readonly kind: 'refused'; readonly when: (value: TomlValue) => boolean; readonly why: string };

const enforced = (by: string): Enforcement => ({ kind: 'enforced', by });
const nothing = (because: string): Enforcement => ({ kind: 'nothing', because });
const refused = (why: string, when: (value: TomlValue) => boolean = () => true): Enforcement => ({
  kind: 'refused',
  why,
  when,
});

const NO_SERVERS = 'MCP servers, plugins and marketplaces are listed and never run';
const NO_TELEMETRY = 'codexd sends no telemetry';
const isNotNone = (value: TomlValue): boolean => value !== 'none';
const isNotEmpty = (value: TomlValue): boolean => isList(value) && value.length > 0;

/** By dotted key. The keys of maps (hosts, profiles, features) are data, so they have no entry. */
export const REQUIREMENTS_KEYS: Readonly<Record<string, Enforcement>> = {
  model_provider: enforced('every thread has it, whatever is configured or asked for'),
  model_providers: enforced('they replace configured providers of the same name'),
  allowed_login_methods: enforced('other logins are refused, a stored key that is not allowed is not used'),
  allowed_chatgpt_workspaces: nothing('codexd signs in with API keys only'),
  cli_auth_credentials_store: enforced(
    'with `keyring` or `ephemeral` no login is stored, and none that is stored is used',
  ),
  chatgpt_base_url: nothing('codexd asks nothing of that address; it is shown as the configured one'),
  additional_developer_instructions: enforced("every thread's model is told them"),
  allowed_approval_policies: enforced('another policy becomes the first of the list; a change to one is refused'),
  allowed_approvals_reviewers: enforced('another reviewer becomes the first of the list; a change to one is refused'),
  allowed_sandbox_modes: enforced('each command, whoever starts it, is refused in another mode'),
  'windows.allowed_sandbox_implementations': nothing('no command runs on Windows'),
  'windows.allow_mxc': nothing('no command runs on Windows'),
  'windows.require_mxc': nothing('no command runs on Windows'),
  allowed_permission_profiles: enforced('each command, whoever starts it, is refused under another profile'),
  default_permissions: enforced('it takes the place of a profile that is not allowed'),
  allowed_web_search_modes: enforced('another mode becomes the first of the list'),
  allow_managed_hooks_only: nothing('no hook is run'),
  allow_browser_and_computer_use: nothing('codexd has neither'),
  allow_appshots: nothing('codexd takes none'),
  allow_remote_control: nothing('codexd has none'),
  allow_login_shell: enforced('commands of agents and of `thread/shellCommand` run in a shell that is none'),
  computer_use: nothing('codexd has none'),
  browser_use: nothing('codexd has none'),
  'in_app_browser.allow_external_browser_settings_import': nothing('codexd has no browser'),
  features: enforced('over configuration, flags and enablement'),
  feature_requirements: enforced('another name of `features`'),
  hooks: refused(
    'no hook is run',
    (value) => isTable(value) && HOOK_EVENTS.some((event) => isNotEmpty(value[event] ?? [])),
  ),
  enforce_residency: enforced('each request to a model endpoint carries it'),
  'experimental_network.enabled': enforced('no command, whoever starts it, has the network but through the proxy'),
  'experimental_network.http_port': enforced('each command has listeners of its own, in a namespace of its own'),
  'experimental_network.socks_port': enforced('each command has listeners of its own, in a namespace of its own'),
  'experimental_network.allow_upstream_proxy': enforced('network policy'),
  'experimental_network.dangerously_allow_non_loopback_proxy': enforced('nothing listens beyond loopback'),
  'experimental_network.dangerously_allow_all_unix_sockets': enforced('unix sockets stay closed, with a warning'),
  'experimental_network.domains': enforced('network policy'),
  'experimental_network.review_domains': enforced('network policy'),
  'experimental_network.managed_allowed_domains_only': enforced('network policy'),
  'experimental_network.allowed_domains': enforced('read as `domains`'),
  'experimental_network.denied_domains': enforced('read as `domains`'),
  'experimental_network.unix_sockets': enforced('a denial holds; an allowance opens nothing, with a warning'),
  'experimental_network.allow_unix_sockets': enforced('read as `unix_sockets`'),
  'experimental_network.allow_local_binding': enforced('network policy'),
  'experimental_network.header_injections': refused('no header is put into requests', isNotEmpty),
  'application.network.enabled': enforced('requests to model endpoints'),
  'application.network.domains': enforced('requests to model endpoints'),
  'application.storage': refused('where files are kept cannot be restricted'),
  'auto_review.required_on_models': enforced('their approvals go to the reviewer, and they have no full access'),
  'auto_review.ignore_rules': refused('which rules the reviewer passes over cannot be chosen', isNotEmpty),
  'models.new_thread.model': enforced('what a new thread begins with where nothing is configured'),
  'models.new_thread.model_reasoning_effort': enforced('the same'),
  'models.new_thread.service_tier': enforced('the same'),
  sqlite_home: nothing('codexd keeps no such database; it is shown as the configured one'),
  unsafe_enforce_sqlite_journal_mode: nothing('codexd keeps no such database'),
  log_dir: nothing('codexd logs to standard error; it is shown as the configured one'),
  model_catalog_json: enforced('it is the catalog; one that cannot be read, or is empty, stops the start'),
  check_for_update_on_startup: nothing('codexd never checks'),
  'feedback.enabled': nothing('codexd sends none'),
  'otel.exporter': refused(NO_TELEMETRY, isNotNone),
  'otel.trace_exporter': refused(NO_TELEMETRY, isNotNone),
  'otel.metrics_exporter': refused(NO_TELEMETRY, isNotNone),
  'otel.tool_result.max_bytes': nothing(NO_TELEMETRY),
  'otel.log_sse_deltas': nothing(NO_TELEMETRY),
  'otel.log_user_prompt': nothing(NO_TELEMETRY),
  'otel.log_agent_responses': nothing(NO_TELEMETRY),
  'otel.log_guardian_assessments': nothing(NO_TELEMETRY),
  'otel.environment': nothing(NO_TELEMETRY),
  'otel.span_attributes': nothing(NO_TELEMETRY),
  'otel.tracestate': nothing(NO_TELEMETRY),
  permissions: enforced('managed profiles; nobody else defines one of their names'),
  'permissions.filesystem.deny_read': enforced('no command reads it, whoever starts it; full access is not allowed'),
  'rules.prefix_rules': enforced('they join the rules files; the strictest decides'),
  mcp_servers: nothing(NO_SERVERS),
  plugins: nothing(NO_SERVERS),
  marketplaces: nothing(NO_SERVERS),
  'remote_sandbox_config.hostname_patterns': enforced('which section counts on this host'),
  'remote_sandbox_config.allowed_sandbox_modes': enforced('as `allowed_sandbox_modes`'),
  guardian_policy_config: enforced('the automatic reviewer is told it'),
  guardian_extra_policy: enforced('the automatic reviewer is told it'),
  config_server: refused('requirements are read from files only'),
};

/** `[permissions.NAME.network]`. */
export const PROFILE_NETWORK_KEYS: Readonly<Record<string, Enforcement>> = {
  enabled: enforced('network access'),
  domains: enforced('network policy'),
  mode: enforced('network policy'),
  allow_local_binding: enforced('network policy'),
  allow_upstream_proxy: enforced('network policy'),
  enable_socks5: enforced('network policy'),
  enable_socks5_udp: enforced('UDP is refused'),
  unix_sockets: enforced('a denial holds; an allowance opens nothing, with a warning'),
  dangerously_allow_all_unix_sockets: enforced('unix sockets stay closed, with a warning'),
  proxy_url: enforced('each command has listeners of its own, in a namespace of its own'),
  socks_url: enforced('each command has listeners of its own, in a namespace of its own'),
  dangerously_allow_non_loopback_proxy: enforced('nothing listens beyond loopback'),
  allowed_domains: refused('write `domains`'),
  denied_domains: refused('write `domains`'),
  allow_unix_sockets: refused('write `unix_sockets`'),
  mitm: refused('hooks and actions are not run', (value) => isTable(value) && Object.keys(value).length > 0),
};

/** The first key of requirements.toml with which the daemon refuses to start; null: no key. */
export function refusedKey(table: TomlTable): string | null {
  for (const [key, enforcement] of Object.entries(REQUIREMENTS_KEYS)) {
    if (enforcement.kind !== 'refused') continue;
    const value = valueAt(table, key.split('.'));
    if (value !== undefined && enforcement.when(value)) return key;
  }
  return null;
}

/** The first key of a profile's network table that codexd refuses; null: no key. */
export function refusedNetworkKey(network: TomlTable): string | null {
  for (const [key, enforcement] of Object.entries(PROFILE_NETWORK_KEYS)) {
    const value = network[key];
    if (enforcement.kind === 'refused' && value !== undefined && enforcement.when(value)) return key;
  }
  return null;
}
