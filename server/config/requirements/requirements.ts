import path from 'node:path';
import { ConfigError } from '../../errors/config-error.js';
import { bareObject } from '../../system/node/objects.js';
import { isKnownFeature } from '../shape/features.js';
import { checkTable, unknownKeys } from '../shape/check.js';
import { normalizeTable } from '../shape/normalize.js';
import { isList, isTable, newTable, tableAt } from '../toml/value.js';
import { readModelRequirements } from './model-requirements.js';
import { refusedKey } from '../shape/enforcement.js';
import { sectionForHost } from './host-sections.js';
import { readManagedPermissions } from './managed-permissions.js';
import { readManagedRules } from './managed-rules.js';
import { readNetwork, layerPrefix } from './network-requirements.js';
import { requirementsShape } from '../shape/requirements-shape.js';
import type { ConfigFile } from '../layers/config-file.js';
import type { PrefixRule } from '../rules/rule-set.js';
import type { TomlTable, TomlValue } from '../toml/value.js';
import type { ModelRequirements } from './model-requirements.js';
import type { ManagedPermissions } from './managed-permissions.js';
import type { NetworkRequirements } from './network-requirements.js';

export type SandboxModeName = 'read-only' | 'workspace-write' | 'danger-full-access' | 'external-sandbox';
export type WebSearchMode = 'disabled' | 'cached' | 'indexed' | 'live';

/** The requirements of an administrator (docs/protocol/config.md §6 and §7). Null: no requirement. */
export interface Requirements {
  /** The file, for refusals. */
  readonly source: string;
  /** The checked content, for parts that are only shown. */
  readonly table: TomlTable;
  /** False: the file is missing, empty, or has only unknown keys. */
  readonly present: boolean;
  /** As written, in order; the first replaces a value that is not allowed. */
  readonly approvalPolicies: readonly TomlValue[] | null;
  readonly sandboxModes: readonly SandboxModeName[] | null;
  readonly webSearchModes: readonly WebSearchMode[] | null;
  readonly permissionProfiles: Readonly<Record<string, boolean>> | null;
  readonly defaultPermissions: string | null;
  readonly features: Readonly<Record<string, boolean>> | null;
  readonly network: NetworkRequirements | null;
  readonly permissions: ManagedPermissions;
  /** `[rules]`: commands that are forbidden or need an approval, in addition to the rules files. */
  readonly prefixRules: readonly PrefixRule[];
  readonly modelRequirements: ModelRequirements;
  /** Why the file cannot be enforced although it is valid; the daemon refuses to start, and refuses threads. */
  readonly contradiction: string | null;
  /** Unknown keys. */
  readonly unknown: readonly string[];
  readonly unknownFeatures: readonly string[];
}

/** The requirements of a machine without any. */
export function noRequirements(source: string): Requirements {
  return readRequirements(source, newTable(), newTable());
}

/**
 * `file`: requirements.toml; `managed`: the content of managed_config.toml, whose `approval_policy` and `sandbox_mode`
 * are demands too. Throws ConfigError whose message names the file.
 */
export function loadRequirements(file: ConfigFile, managed: TomlTable): Requirements {
  const prefix = layerPrefix(file.path);
  if (file.kind === 'unreadable') throw new ConfigError(`${prefix}${file.message}`, REQUIREMENTS);
  if (file.kind === 'malformed') {
    throw new ConfigError(`${prefix}TOML parse error at line ${file.line}, column ${file.column}\n${file.message}\n`, {
      ...REQUIREMENTS,
      malformed: true,
    });
  }
  const empty = Object.keys(file.table).length === 0;
  const mismatch = empty ? null : checkTable(file.table, requirementsShape(), 'refuse');
  if (mismatch !== null) {
    throw new ConfigError(`${prefix}${mismatch.text}\nin \`${mismatch.path.join('.')}\`\n`, {
      ...REQUIREMENTS,
      key: mismatch.path,
    });
  }
  if (file.table.features !== undefined && file.table.feature_requirements !== undefined) {
    throw new ConfigError(`${prefix}duplicate field \`features\`\n`, { ...REQUIREMENTS, key: ['features'] });
  }
  const base = { folder: path.dirname(file.path), home: '/' };
  const table = empty ? file.table : normalizeTable(file.table, requirementsShape(), base);
  return readRequirements(file.path, table, managed);
}

const REQUIREMENTS = { origin: 'requirements' } as const;

function readRequirements(source: string, table: TomlTable, managed: TomlTable): Requirements {
  const modelRequirements = readModelRequirements(table, source);
  const { headers_helper: helper } = tableAt(table, 'otel');
  if (typeof helper === 'string' && !path.isAbsolute(helper)) {
    throw new ConfigError(
      `${layerPrefix(source)}otel.headers_helper must be an absolute executable path in managed requirements`,
      { ...REQUIREMENTS, key: ['otel', 'headers_helper'] },
    );
  }
  const permissions = readManagedPermissions(isTable(table.permissions) ? table.permissions : newTable(), source);
  const prefixRules = isTable(table.rules) ? readManagedRules(table.rules, source) : [];
  const features = table.features ?? table.feature_requirements;
  const pins = isTable(features) ? sortedFlags(features) : null;
  const profiles = isTable(table.allowed_permission_profiles) ? sortedFlags(table.allowed_permission_profiles) : null;
  const defaultPermissions = typeof table.default_permissions === 'string' ? table.default_permissions : null;
  const empty = Object.keys(table).length === 0;
  const unknown = (empty ? [] : unknownKeys(table, requirementsShape())).map((path) => path.join('.'));
  return {
    source,
    table,
    present: Object.keys(table).some((key) => !unknown.includes(key)) || managedDemands(managed),
    approvalPolicies: approvalPolicies(table, managed),
    sandboxModes: sandboxModes(forThisHost(table), managed, source),
    webSearchModes: webSearchModes(table),
    permissionProfiles: profiles,
    defaultPermissions,
    features: pins,
    network: readNetwork(table, source),
    permissions,
    prefixRules,
    modelRequirements,
    contradiction:
      unenforceable(table, source) ?? contradiction(profiles, defaultPermissions) ?? noLogin(modelRequirements),
    unknown,
    unknownFeatures: Object.keys(pins ?? {}).filter((name) => !isKnownFeature(name)),
  };
}

/** A key that this version cannot enforce: the daemon does not start instead of ignoring it (enforcement.ts). */
function unenforceable(table: TomlTable, source: string): string | null {
  const key = refusedKey(table);
  return key === null
    ? null
    : `requirements.toml \`${key}\` cannot be enforced by this version of codexd; take it out of ${source} or use another program`;
}

/** The keys of the section for this host replace those of the whole file. */
function forThisHost(table: TomlTable): TomlTable {
  const section = sectionForHost(table.remote_sandbox_config);
  return section === null ? table : Object.assign(newTable(), table, section);
}

const noLogin = ({ loginMethods }: ModelRequirements): string | null =>
  loginMethods?.length === 0 ? 'authentication requirements do not permit any usable login method' : null;

function contradiction(profiles: Readonly<Record<string, boolean>> | null, fallback: string | null): string | null {
  if (profiles === null) return null;
  if (fallback === null) {
    if (profiles[':workspace'] === true && profiles[':read-only'] === true) return null;
    return 'requirements.toml default_permissions must be set unless allowed_permission_profiles allows both `:workspace` and `:read-only`';
  }
  if (profiles[fallback] === true) return null;
  return `requirements.toml default_permissions \`${fallback}\` must be allowed by allowed_permission_profiles`;
}

const managedDemands = (managed: TomlTable): boolean =>
  managed.approval_policy !== undefined || managed.sandbox_mode !== undefined;

function approvalPolicies(table: TomlTable, managed: TomlTable): readonly TomlValue[] | null {
  const own = table.allowed_approval_policies;
  if (isList(own)) {
    if (own.length === 0)
      throw new ConfigError('field `allowed_approval_policies` cannot be empty', {
        ...REQUIREMENTS,
        key: ['allowed_approval_policies'],
      });
    return own;
  }
  return managed.approval_policy === undefined ? null : [managed.approval_policy];
}

function sandboxModes(table: TomlTable, managed: TomlTable, source: string): readonly SandboxModeName[] | null {
  const own = table.allowed_sandbox_modes;
  if (isList(own)) {
    const modes = own as readonly SandboxModeName[];
    if (modes.includes('read-only')) return modes;
    throw new ConfigError(
      `invalid value for \`allowed_sandbox_modes\`: \`[${modes.map(pascalCase).join(', ')}]\` is not in the allowed set must include 'read-only' to allow any PermissionProfile (set by ${source})`,
      {
        ...REQUIREMENTS,
        key: ['allowed_sandbox_modes'],
        fix: 'add "read-only" to the list: whatever is not allowed falls back to it',
      },
    );
  }
  const mode = managed.sandbox_mode;
  if (mode !== 'read-only' && mode !== 'workspace-write' && mode !== 'danger-full-access') return null;
  return mode === 'read-only' ? ['read-only'] : ['read-only', mode];
}

function webSearchModes(table: TomlTable): readonly WebSearchMode[] | null {
  const own = table.allowed_web_search_modes;
  if (!isList(own)) return null;
  const modes = own as readonly WebSearchMode[];
  return modes.includes('disabled') ? modes : [...modes, 'disabled'];
}

function sortedFlags(table: TomlTable): Readonly<Record<string, boolean>> {
  const flags = bareObject<boolean>();
  for (const name of Object.keys(table).sort()) flags[name] = table[name] === true;
  return flags;
}

/** `danger-full-access` → `DangerFullAccess`: the form of values in refusals. */
export function pascalCase(word: string): string {
  return word
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
