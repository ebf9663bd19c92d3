import { messageOf } from '../../errors/message-of.js';
import path from 'node:path';
import { toSandboxPolicy } from '../permissions/legacy-sandbox-policy.js';
import { mergeTables } from '../layers/merge.js';
import { setOverride } from '../layers/overrides.js';
import { entriesFor, findProjectRoot, markers } from '../layers/project-layers.js';
import { changeTrustRecord } from '../layers/project-trust.js';
import { problemText } from '../layers/config-problem.js';
import { sandboxModeOf } from '../requirements/allowed.js';
import { clampApprovalPolicy, clampWarnings } from '../settings/clamp-warnings.js';
import { ConfigError } from '../../errors/config-error.js';
import { threadWarnings } from '../settings/startup.js';
import { newTable, tableAt, toJson } from '../toml/value.js';
import { fromJson } from '../write/apply-edits.js';
import { writeConfig } from '../write/write-config.js';
import type { SandboxPolicy } from '../permissions/legacy-sandbox-policy.js';
import type { AskedPermissions, SandboxMode } from '../permissions/select.js';
import type { PermissionProfile } from '../permissions/permission-profile.js';
import type { ConfigService } from '../settings/config-service.js';
import type { ResolvedConfig } from '../settings/resolved-config.js';
import type { CommandSettings } from '../settings/command-settings.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** The configuration in a request that starts, resumes or forks a thread. */
export interface ThreadRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly sandbox?: SandboxMode | null | undefined;
  readonly permissions?: string | null | undefined;
  /** A whole policy without a name: counts if neither `sandbox` nor `permissions` is given. */
  readonly profile?: PermissionProfile | null | undefined;
  /** As on the wire: a word, or `{granular: …}`. */
  readonly approvalPolicy?: unknown;
  /** `config`: JSON values by dotted key; null values are ignored. */
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
  /** `own` of an earlier result for this thread; `config` has precedence over it. */
  readonly own?: TomlTable | undefined;
}

/** The configuration of one thread (docs/protocol/config.md §4, §7, §8). */
export interface ThreadConfiguration {
  /** The effective content of config.toml for the thread: model, provider, instructions … */
  readonly table: TomlTable;
  readonly settings: CommandSettings;
  readonly profile: PermissionProfile;
  /** Null for legacy modes, and if the requirements replace the profile by read-only. */
  readonly activePermissionProfile: { readonly id: string; readonly extends: string | null } | null;
  /** The legacy form of the profile. */
  readonly sandbox: SandboxPolicy;
  /** As on the wire. */
  readonly approvalPolicy: unknown;
  /** Texts of `warning` notifications for this thread. */
  readonly warnings: readonly string[];
  /** What all of this was read from. */
  readonly resolved: ResolvedConfig;
  /** The thread's own configuration, for the next call of `resolve` when files change. */
  readonly own: TomlTable;
}

/** The policy if none is configured. */
const DEFAULT_APPROVAL_POLICY = 'on-request';

/**
 * Resolves a thread's configuration. Throws ConfigError with the text after `failed to load configuration: `. The
 * caller must refuse `permissions` together with `sandbox` before.
 */
export function threadConfiguration(source: ConfigService, request: ThreadRequest): ThreadConfiguration {
  const added = ownConfig(request.config ?? {});
  const own = request.own === undefined ? added : mergeTables(request.own, added);
  const resolved = source.resolve(request.cwd, { config: own, asked: askedOf(request) });
  if (resolved.problem !== null) throw new ConfigError(problemText(resolved.effective, resolved.problem));
  if (resolved.requirements instanceof ConfigError) throw resolved.requirements;
  source.requirements(); // Throws if the file is invalid now, although commands continue under the last valid one.
  const { requirements, settings, selected, effective } = resolved;
  const wanted = request.approvalPolicy ?? null;
  const policy = clampApprovalPolicy(
    wanted === null ? effective.table.approval_policy : fromJson(wanted),
    requirements,
  );
  const approvalPolicy = policy.value ?? DEFAULT_APPROVAL_POLICY;
  refuseNeverWithoutPermissions(resolved, wanted === null ? approvalPolicy : fromJson(wanted));
  const profile = settings.defaultProfile;
  const { id } = profile;
  return {
    table: effective.table,
    settings,
    profile,
    activePermissionProfile: id === null || resolved.clampedBy === 'mode' ? null : { id, extends: profile.extends },
    sandbox: toSandboxPolicy(profile, { workspaceRoot: request.cwd, tmpdir: process.env.TMPDIR }),
    approvalPolicy: wirePolicy(approvalPolicy),
    warnings: [
      ...threadWarnings(effective.layers, own),
      ...(selected?.warnings ?? []),
      ...clampWarnings(resolved, requirements, wanted === null ? undefined : fromJson(wanted)),
    ],
    resolved,
    own,
  };
}

/** The thread's `config` as a table: keys are dotted, as with `-c`. Throws ConfigError. */
export function ownConfig(config: Readonly<Record<string, unknown>>): TomlTable {
  const table = newTable();
  for (const [key, value] of Object.entries(config)) {
    if (value === null || value === undefined) continue;
    try {
      setOverride(table, key.split('.'), fromJson(value));
    } catch (error) {
      throw new ConfigError(messageOf(error));
    }
  }
  return table;
}

/**
 * Adds a trust entry for the project of a folder, as the reference does when a thread with write access is started
 * there (docs/protocol/config.md §4). Returns the project's root; null: there is an entry already, or the folder is in
 * no project. Such an entry does not count as a person's (project-trust.ts).
 */
export async function trustProject(source: ConfigService, cwd: string): Promise<string | null> {
  const { table } = source.resolve(cwd).effective;
  const root = findProjectRoot(cwd, markers(table));
  if (root === null) return null;
  const projects = tableAt(table, 'projects');
  if (
    [root, cwd]
      .flatMap((folder) => entriesFor(projects, folder))
      .some((entry) => tableAt(projects, entry).trust_level !== undefined)
  )
    return null;
  const { codexHome, read } = source.sources;
  // The record is written first, so that the entry never looks like a person's.
  await changeTrustRecord(codexHome, read, { automatic: [root] });
  const keyPath = `projects."${root.replace(/["\\]/g, '\\$&')}".trust_level`;
  await writeConfig(source, {
    edits: [{ keyPath, value: 'trusted', mergeStrategy: 'replace' }],
    filePath: path.join(codexHome, 'config.toml'),
    expectedVersion: null,
  });
  return root;
}

function askedOf({ permissions, sandbox, profile }: ThreadRequest): AskedPermissions | undefined {
  if (permissions !== null && permissions !== undefined) return { permissions };
  if (sandbox !== null && sandbox !== undefined) return { sandbox };
  return profile === null || profile === undefined ? undefined : { profile };
}

/**
 * Refuses full access that is replaced by read-only together with `never`: the thread could neither write nor ask
 * (docs/protocol/config.md §7).
 */
function refuseNeverWithoutPermissions({ selected, clampedBy }: ResolvedConfig, policy: TomlValue): void {
  if (policy !== 'never' || selected === null || clampedBy !== 'mode') return;
  if (sandboxModeOf(selected.profile) !== 'danger-full-access') return;
  throw new ConfigError(
    '`approval_policy = "never"` cannot be used because requirements do not allow `sandbox_mode = "danger-full-access"`; Codex would fall back to read-only permissions with approvals disabled. Choose an `approval_policy` based on what you need, such as `on-request`, or choose an allowed sandbox mode.',
  );
}

function wirePolicy(policy: TomlValue): unknown {
  if (policy === 'on-failure') return 'on-request';
  const json = toJson(policy);
  if (json === null || typeof json !== 'object') return json;
  const { granular } = json as { granular?: object };
  return { granular: { skill_approval: false, request_permissions: false, ...granular } };
}
