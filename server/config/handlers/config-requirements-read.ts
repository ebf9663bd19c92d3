import { legacyView } from '../requirements/network-requirements.js';
import { requirementsShape } from '../shape/requirements-shape.js';
import { ConfigError } from '../../errors/config-error.js';
import { HOOK_EVENTS } from '../shape/hook-shape.js';
import { redactedTable } from '../shape/redact.js';
import { showTable } from '../shape/show.js';
import { isList, isTable, tableAt, toJson } from '../toml/value.js';
import { internalError } from '../../errors/rpc-error.js';
import type { RequestResult } from '../../../schema/registry.js';
import type { NetworkRequirements } from '../requirements/network-requirements.js';
import type { Requirements } from '../requirements/requirements.js';
import type { ConfigService } from '../settings/config-service.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

type ReadResult = RequestResult<'configRequirements/read'>;

/** configRequirements/read (docs/protocol/config.md §6). Throws -32603 if the requirements are invalid. */
export function readConfigRequirements(source: ConfigService): ReadResult {
  let requirements: Requirements;
  try {
    requirements = source.requirements();
  } catch (error) {
    if (error instanceof ConfigError) throw internalError(`failed to read configuration layers: ${error.message}`);
    throw error;
  }
  const shown = requirements.present ? shownRequirements(requirements) : null;
  return { supportsIndependentSpeedModes: true, requirements: shown } as unknown as ReadResult;
}

/** All fields are present; null: no requirement. */
function shownRequirements(requirements: Requirements): Record<string, unknown> {
  const { table } = requirements;
  const shown = showTable(redactedTable(table, requirementsShape(), 'wire'), requirementsShape());
  const own = (key: string): unknown => shown[key] ?? null;
  return {
    modelProvider: own('model_provider'),
    modelProviders: own('model_providers'),
    // The protocol shows both methods if the requirements do not mention logins.
    allowedLoginMethods: requirements.modelRequirements.loginMethods ?? ['api', 'chatgpt'],
    cliAuthCredentialsStore: own('cli_auth_credentials_store'),
    chatgptBaseUrl: own('chatgpt_base_url'),
    additionalDeveloperInstructions: own('additional_developer_instructions'),
    allowedApprovalPolicies: approvalPolicies(requirements, shown),
    allowedApprovalsReviewers: own('allowed_approvals_reviewers'),
    allowedSandboxModes: requirements.sandboxModes?.filter((mode) => mode !== 'external-sandbox') ?? null,
    allowedWindowsSandboxImplementations: windowsImplementations(table),
    allowedPermissionProfiles: requirements.permissionProfiles,
    defaultPermissions: requirements.defaultPermissions,
    allowedWebSearchModes: requirements.webSearchModes,
    allowManagedHooksOnly: own('allow_managed_hooks_only'),
    allowBrowserAndComputerUse: own('allow_browser_and_computer_use'),
    allowAppshots: own('allow_appshots'),
    allowRemoteControl: own('allow_remote_control'),
    computerUse: camelCase(own('computer_use')),
    browserUse: camelCase(own('browser_use')),
    inAppBrowser: camelCase(own('in_app_browser')),
    featureRequirements: requirements.features,
    hooks: hooks(table.hooks),
    enforceResidency: own('enforce_residency'),
    network: requirements.network === null ? null : shownNetwork(requirements.network),
    application: camelCase(own('application')),
    autoReview: camelCase(own('auto_review')),
    models: camelCase(own('models')),
    sqliteHome: own('sqlite_home'),
    logDir: own('log_dir'),
    modelCatalogJson: own('model_catalog_json'),
    checkForUpdateOnStartup: own('check_for_update_on_startup'),
    allowLoginShell: own('allow_login_shell'),
    feedback: own('feedback'),
    otel: own('otel'),
  };
}

/** The canonical maps, and the legacy lists that are derived from them. */
function shownNetwork(network: NetworkRequirements): Record<string, unknown> {
  return {
    enabled: network.enabled,
    httpPort: network.httpPort,
    socksPort: network.socksPort,
    allowUpstreamProxy: network.allowUpstreamProxy,
    // Only where it is set: the official program does not show it.
    ...(network.transparentTcp === null ? {} : { transparentTcp: network.transparentTcp }),
    dangerouslyAllowNonLoopbackProxy: network.dangerouslyAllowNonLoopbackProxy,
    dangerouslyAllowAllUnixSockets: network.dangerouslyAllowAllUnixSockets,
    domains: network.domains,
    reviewDomains: network.reviewDomains,
    managedAllowedDomainsOnly: network.managedAllowedDomainsOnly,
    allowedDomains: legacyView(network.domains, 'allow'),
    deniedDomains: legacyView(network.domains, 'deny'),
    unixSockets: network.unixSockets,
    allowUnixSockets: legacyView(network.unixSockets, 'allow'),
    allowLocalBinding: network.allowLocalBinding,
  };
}

/** A policy that came from managed_config.toml is not in the file's own table. */
function approvalPolicies(requirements: Requirements, shown: Record<string, unknown>): unknown {
  if (requirements.approvalPolicies === null) return null;
  return shown.allowed_approval_policies ?? requirements.approvalPolicies.map(toJson);
}

function hooks(value: TomlValue | undefined): unknown {
  if (!isTable(value)) return null;
  return {
    managedDir: value.managed_dir ?? null,
    windowsManagedDir: value.windows_managed_dir ?? null,
    ...Object.fromEntries(HOOK_EVENTS.map((event) => [event, tablesOf(value[event]).map(matcherGroup)])),
  };
}

const tablesOf = (value: TomlValue | undefined): readonly TomlTable[] =>
  value !== undefined && isList(value) ? value.filter(isTable) : [];

const matcherGroup = ({ matcher, hooks: handlers }: TomlTable): unknown => ({
  matcher: matcher ?? null,
  hooks: tablesOf(handlers).map(handler),
});

function handler(table: TomlTable): unknown {
  const { type, timeout = null, statusMessage = null } = table;
  const common = { type, timeoutSec: timeout, statusMessage };
  if (type === 'command') {
    const { command, commandWindows, command_windows: older, async = false, additionalContextLimit = null } = table;
    return { ...common, command, commandWindows: commandWindows ?? older ?? null, async, additionalContextLimit };
  }
  if (type === 'mcp_tool')
    return { ...common, server: table.server, tool: table.tool, input: toJson(tableAt(table, 'input')) };
  return { type };
}

/**
 * `default_app_access` → `defaultAppAccess`, at every level. Keys that are data (hosts, paths) have no underscores, so
 * they do not change.
 */
function camelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCase);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      /^[a-z]+(_[a-z]+)+$/.test(key) ? key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) : key,
      camelCase(item),
    ]),
  );
}

function windowsImplementations(table: TomlTable): unknown {
  const list = tableAt(table, 'windows').allowed_sandbox_implementations;
  return list === undefined ? null : toJson(list);
}
