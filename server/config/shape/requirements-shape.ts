import { approvalPolicy } from './config-shape.js';
import { networkShapes } from './network-shape.js';
import { any, bool, int, list, map, oneOf, path, str, table } from './toml-shape.js';
import { hookShapes } from './hook-shape.js';
import { serviceShapes } from './service-shape.js';
import type { Shape, TableShape } from './toml-shape.js';

/** All keys of requirements.toml (docs/protocol/config.md §6). Made at the first use. */
export function requirementsShape(): TableShape {
  return (shape ??= make());
}
let shape: TableShape | undefined;

function make(): TableShape {
  const service = serviceShapes();
  return table('ConfigRequirementsToml', {
    model_provider: str('Pins the model provider.'),
    model_providers: service.modelProviders,
    allowed_login_methods: list(oneOf(['chatgpt', 'api'])),
    allowed_chatgpt_workspaces: list(str()),
    cli_auth_credentials_store: oneOf(['file', 'keyring', 'auto', 'ephemeral']),
    chatgpt_base_url: str(),
    additional_developer_instructions: str(),
    allowed_approval_policies: list(
      approvalPolicy(''),
      'Approval policies that may be used; the first replaces others.',
    ),
    allowed_approvals_reviewers: list(service.approvalsReviewer()),
    allowed_sandbox_modes: list(sandboxMode(), 'Sandbox modes that may be used; read-only has to be among them.'),
    windows: table('WindowsRequirementsToml', {
      allowed_sandbox_implementations: list(oneOf(['elevated', 'unelevated', 'mxc'])),
      allow_mxc: bool(),
      require_mxc: bool(),
    }),
    allowed_permission_profiles: map(bool(), 'Permission profiles by name; those not listed are not allowed.'),
    default_permissions: str('The profile that replaces one that is not allowed.'),
    allowed_web_search_modes: list(oneOf(['disabled', 'cached', 'indexed', 'live'])),
    allow_managed_hooks_only: bool('Only hooks of the administrator run.'),
    allow_browser_and_computer_use: bool(),
    allow_appshots: bool(),
    allow_remote_control: bool(),
    allow_login_shell: bool(),
    computer_use: any(),
    browser_use: any(),
    in_app_browser: table('InAppBrowserRequirementsToml', { allow_external_browser_settings_import: bool() }),
    features: features(),
    feature_requirements: features(),
    hooks: hookShapes().managedHooks,
    enforce_residency: oneOf(['us'], 'Where data must stay.'),
    experimental_network: networkRules(),
    application: table(
      'ApplicationRequirementsToml',
      {
        network: table(
          'ApplicationNetworkRequirementsToml',
          { enabled: bool('Hold the daemon itself to the hosts below.'), domains: hosts() },
          { closed: true, sparse: true },
        ),
        storage: any(),
      },
      { closed: true },
    ),
    auto_review: table('AutoReviewRequirementsToml', {
      required_on_models: list(str()),
      ignore_rules: list(str()),
    }),
    models: table('ModelsRequirementsToml', {
      new_thread: table('NewThreadModelDefaultsToml', {
        model: str(),
        model_reasoning_effort: str(),
        service_tier: str(),
      }),
    }),
    sqlite_home: path(),
    log_dir: path(),
    model_catalog_json: path(),
    check_for_update_on_startup: bool(),
    feedback: table('FeedbackRequirementsToml', { enabled: bool() }),
    otel: service.otel,
    permissions: permissions(),
    rules: rules(),
    mcp_servers: any(),
    plugins: any(),
    marketplaces: any(),
    remote_sandbox_config: list(
      table(
        'RemoteSandboxConfigToml',
        { hostname_patterns: list(str()), allowed_sandbox_modes: list(sandboxMode()) },
        { required: ['hostname_patterns', 'allowed_sandbox_modes'] },
      ),
      'Sandbox modes for hosts of certain names; the first section that fits counts.',
    ),
    guardian_policy_config: str(),
    guardian_extra_policy: str(),
    config_server: any(),
    unsafe_enforce_sqlite_journal_mode: bool(),
  });
}

const sandboxMode = (): Shape => oneOf(['read-only', 'workspace-write', 'danger-full-access', 'external-sandbox']);

/** Profiles by name, and `filesystem` and `network`, which apply to all profiles. */
function permissions(): TableShape {
  const profile = networkShapes().permissions.rest;
  return table(
    'PermissionsRequirementsToml',
    {
      filesystem: table('FilesystemRequirementsToml', {
        deny_read: list(str(), 'What no command may read: absolute or below "~", globs too.'),
      }),
      network: networkRules(),
    },
    { doc: 'Permission profiles of the administrator, and what none may read.', rest: profile, opaque: 'rest' },
  );
}

function rules(): TableShape {
  const token = table('RequirementsExecPolicyPatternTokenToml', { token: str(), any_of: list(str()) });
  const rule = table(
    'RequirementsExecPolicyPrefixRuleToml',
    {
      pattern: list(token, 'The words that a command begins with.'),
      decision: oneOf(['allow', 'prompt', 'prompt-user', 'forbidden']),
      justification: str(),
    },
    { required: ['pattern'] },
  );
  return table(
    'RequirementsExecPolicyToml',
    { prefix_rules: list(rule) },
    { doc: 'What commands of agents are forbidden or asked about.', required: ['prefix_rules'] },
  );
}

const hosts = (): TableShape =>
  entries('ApplicationNetworkDomainsToml', oneOf(['allow', 'deny']), 'Hosts, each "allow" or "deny".');

/**
 * `[experimental_network]` and `[permissions.network]`: the canonical maps, and the legacy lists with the same meaning.
 */
function networkRules(): TableShape {
  const verdict = oneOf(['allow', 'deny']);
  return table(
    'RawNetworkRequirementsToml',
    {
      enabled: bool('Send the traffic of sandboxed commands through the policy proxy, whatever features say.'),
      http_port: int('u16', 'Port of a proxy of the reference; codexd gives each command a listener of its own.'),
      socks_port: int('u16'),
      allow_upstream_proxy: bool(),
      transparent_tcp: bool(),
      dangerously_allow_non_loopback_proxy: bool(),
      dangerously_allow_all_unix_sockets: bool(),
      domains: entries('NetworkDomainPermissionsToml', verdict, 'Hosts, each "allow" or "deny".'),
      review_domains: list(str(), 'Hosts that a person is asked about although a rule allows them.'),
      managed_allowed_domains_only: bool('Only the allow rules of this file count.'),
      allowed_domains: list(str(), 'Legacy form of domains.'),
      denied_domains: list(str(), 'Legacy form of domains.'),
      unix_sockets: entries(
        'NetworkUnixSocketPermissionsToml',
        verdict,
        'Paths of unix sockets, each "allow" or "deny".',
      ),
      allow_unix_sockets: list(str(), 'Legacy form of unix_sockets.'),
      allow_local_binding: bool(),
      header_injections: any(),
    },
    { doc: 'The network of sandboxed commands.' },
  );
}

const entries = (name: string, of: Shape, doc: string): TableShape =>
  table(name, {}, { rest: of, opaque: 'rest', sparse: true, doc });
const features = (): TableShape =>
  table(
    'FeatureRequirementsToml',
    {},
    { rest: bool(), opaque: 'rest', sparse: true, doc: 'Features, pinned on or off.' },
  );
