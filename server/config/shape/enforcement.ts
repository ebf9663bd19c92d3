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
import { isList, valueAt } from '../toml/value.js';
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

const NO_PLUGINS = 'codexd cannot compare what they say, so it loads no plugin and adds no marketplace';
const NO_TELEMETRY = 'codexd sends no telemetry';
const isNotNone = (value: TomlValue): boolean => value !== 'none';
const isNotEmpty = (value: TomlValue): boolean => isList(value) && value.length > 0;

/** `[experimental_network]`, and its newer name `[permissions.network]`. */
const NETWORK_RULES: Readonly<Record<string, Enforcement>> = {
  enabled: enforced('every command of every client has network only through the proxy'),
  http_port: enforced('each command has its own listeners in its own namespace'),
  socks_port: enforced('each command has its own listeners in its own namespace'),
  allow_upstream_proxy: enforced('network policy'),
  transparent_tcp: enforced('network policy; a command is refused where the system cannot do it'),
  dangerously_allow_non_loopback_proxy: enforced('codexd only listens on loopback'),
  dangerously_allow_all_unix_sockets: enforced('unix sockets stay closed, with a warning'),
  domains: enforced('network policy'),
  review_domains: enforced('network policy'),
  managed_allowed_domains_only: enforced('network policy'),
  allowed_domains: enforced('read as `domains`'),
  denied_domains: enforced('read as `domains`'),
  unix_sockets: enforced('a deny applies; an allow has no effect, with a warning'),
  allow_unix_sockets: enforced('read as `unix_sockets`'),
  allow_local_binding: enforced('network policy'),
  header_injections: refused('codexd adds no headers to requests', isNotEmpty),
};

const under = (section: string, keys: Readonly<Record<string, Enforcement>>): Record<string, Enforcement> =>
  Object.fromEntries(Object.entries(keys).map(([key, enforcement]) => [`${section}.${key}`, enforcement]));

/** By dotted key. The keys of maps (hosts, profiles, features) are data, so they have no entry. */
export const REQUIREMENTS_KEYS: Readonly<Record<string, Enforcement>> = {
  model_provider: enforced('every thread uses it, whatever the configuration or a request says'),
  model_providers: enforced('these replace configured providers of the same name'),
  allowed_login_methods: enforced('other logins are refused, and a stored key of another kind is not used'),
  allowed_chatgpt_workspaces: enforced('other workspaces are neither signed in to nor used'),
  cli_auth_credentials_store: enforced('with `keyring` or `ephemeral` codexd stores no login and uses no stored one'),
  chatgpt_base_url: enforced('questions about an account go there, and model requests of one'),
  additional_developer_instructions: enforced('the model of every thread receives them'),
  allowed_approval_policies: enforced(
    'another policy is replaced by the first of the list; a change to another one is refused',
  ),
  allowed_approvals_reviewers: enforced(
    'another reviewer is replaced by the first of the list; a change to another one is refused',
  ),
  allowed_sandbox_modes: enforced('every command of every client is refused in another mode'),
  'windows.allowed_sandbox_implementations': enforced(
    'on Windows every command that needs a sandbox is refused with another one, and no set-up begins',
  ),
  'windows.allow_mxc': nothing('codexd has no such sandbox'),
  'windows.require_mxc': enforced('with `true`, on Windows, every command that needs a sandbox is refused'),
  allowed_permission_profiles: enforced('every command of every client is refused under another profile'),
  default_permissions: enforced('it replaces a profile that is not allowed'),
  allowed_web_search_modes: enforced('another mode is replaced by the first of the list'),
  allow_managed_hooks_only: enforced('hooks of people, projects, flags and threads are neither listed nor run'),
  allow_browser_and_computer_use: nothing('codexd has neither'),
  allow_appshots: nothing('codexd takes none'),
  allow_remote_control: nothing('codexd has none'),
  allow_login_shell: enforced(
    'with `false`, commands of agents and of `thread/shellCommand` run in a shell that is not a login shell',
  ),
  computer_use: nothing('codexd has none'),
  browser_use: nothing('codexd has none'),
  'in_app_browser.allow_external_browser_settings_import': nothing('codexd has no browser'),
  features: enforced('these override configuration, flags and enablement'),
  feature_requirements: enforced('another name of `features`'),
  hooks: enforced('they run in every thread, and no thread runs without them'),
  enforce_residency: enforced('each request to a model endpoint contains it'),
  ...under('experimental_network', NETWORK_RULES),
  'application.network.enabled': enforced('requests to model endpoints'),
  'application.network.domains': enforced('requests to model endpoints'),
  'application.storage': refused('codexd cannot restrict where files are stored'),
  'auto_review.required_on_models': enforced('the reviewer decides their approvals, and they have no full access'),
  'auto_review.ignore_rules': refused('codexd cannot select the rules that the reviewer ignores', isNotEmpty),
  'models.new_thread.model': enforced('the default of a new thread if nothing is configured'),
  'models.new_thread.model_reasoning_effort': enforced('the same'),
  'models.new_thread.service_tier': enforced('the same'),
  sqlite_home: nothing('codexd has no such database; it is shown as the configured one'),
  unsafe_enforce_sqlite_journal_mode: nothing('codexd has no such database'),
  log_dir: nothing('codexd logs to standard error; it is shown as the configured one'),
  model_catalog_json: enforced('this catalog is used; with an unreadable or empty one the daemon does not start'),
  check_for_update_on_startup: nothing('codexd never checks'),
  'feedback.enabled': enforced('with `false`, `feedback/upload` is refused; codexd sends nothing in any case'),
  'otel.exporter': refused(NO_TELEMETRY, isNotNone),
  'otel.trace_exporter': refused(NO_TELEMETRY, isNotNone),
  'otel.metrics_exporter': refused(NO_TELEMETRY, isNotNone),
  'otel.headers_helper': nothing(NO_TELEMETRY),
  'otel.headers_helper_refresh_interval_ms': nothing(NO_TELEMETRY),
  'otel.tool_result.max_bytes': nothing(NO_TELEMETRY),
  'otel.log_sse_deltas': nothing(NO_TELEMETRY),
  'otel.log_user_prompt': nothing(NO_TELEMETRY),
  'otel.log_agent_responses': nothing(NO_TELEMETRY),
  'otel.log_guardian_assessments': nothing(NO_TELEMETRY),
  'otel.environment': nothing(NO_TELEMETRY),
  'otel.span_attributes': nothing(NO_TELEMETRY),
  'otel.tracestate': nothing(NO_TELEMETRY),
  permissions: enforced('managed profiles; the configuration cannot define a profile of the same name'),
  ...under('permissions.network', NETWORK_RULES),
  'permissions.filesystem.deny_read': enforced('no command of any client reads it; full access is not allowed'),
  'rules.prefix_rules': enforced('these are added to the rules files; the strictest rule decides'),
  mcp_servers: enforced('a server that these do not name, or with another program or address, is off'),
  plugins: enforced(NO_PLUGINS),
  marketplaces: enforced(NO_PLUGINS),
  'remote_sandbox_config.hostname_patterns': enforced('selects the section for this host'),
  'remote_sandbox_config.allowed_sandbox_modes': enforced('like `allowed_sandbox_modes`'),
  guardian_policy_config: enforced('the automatic reviewer receives it'),
  guardian_extra_policy: enforced('the automatic reviewer receives it'),
  config_server: refused('codexd reads requirements from files only'),
};

/** `[permissions.NAME.network]`. */
export const PROFILE_NETWORK_KEYS: Readonly<Record<string, Enforcement>> = {
  enabled: enforced('network access'),
  domains: enforced('network policy'),
  mode: enforced('network policy'),
  allow_local_binding: enforced('network policy'),
  allow_upstream_proxy: enforced('network policy'),
  enable_socks5: enforced('network policy'),
  enable_socks5_udp: enforced('UDP is refused, with a warning where it is set to `true`'),
  transparent_tcp: enforced('network policy; a command is refused where the system cannot do it'),
  unix_sockets: enforced('a deny applies; an allow has no effect, with a warning'),
  dangerously_allow_all_unix_sockets: enforced('unix sockets stay closed, with a warning'),
  proxy_url: enforced('each command has its own listeners in its own namespace'),
  socks_url: enforced('each command has its own listeners in its own namespace'),
  dangerously_allow_non_loopback_proxy: enforced('codexd only listens on loopback'),
  allowed_domains: refused('write `domains`'),
  denied_domains: refused('write `domains`'),
  allow_unix_sockets: refused('write `unix_sockets`'),
  mitm: enforced('requests to the hosts of hooks; what cannot be enforced of it refuses the profile, by name'),
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
