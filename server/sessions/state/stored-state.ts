/**
 * The settings that a rollout recorded for its thread (docs/protocol/threads.md §12.2), as far as they are understood.
 */
import type { ThreadSettings } from '../../../schema/protocol/threads/thread.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import { isObject } from '../../system/node/objects.js';
import type { SessionMeta } from '../store/records/rollout-record.js';
import type { StoredSettings } from '../store/records/thread-store.js';
import { profileFromRecord, profileFromSandboxPolicy } from './stored-profile.js';
import { withDrive } from '../../system/files/paths.js';
import type { EarlierSettings } from './requested-settings.js';

export interface StoredThread {
  readonly meta: SessionMeta;
  readonly settings: StoredSettings;
}

/** Values of older versions are translated; unknown values are omitted. */
export function storedSettingsBefore({ meta, settings }: StoredThread): EarlierSettings {
  const cwd = withDrive(settings.cwd ?? meta.cwd);
  const roots = textsOf(settings.runtimeWorkspaceRoots) ?? textsOf(meta.runtime_workspace_roots);
  const { profile, warning } = storedProfile(settings, roots ?? [cwd]);
  const provider = settings.modelProvider ?? meta.model_provider ?? undefined;
  const mode = collaborationMode(settings.collaborationMode);
  return {
    cwd,
    ...(roots === undefined ? {} : { roots }),
    ...(settings.model === undefined || settings.model.trim() === '' ? {} : { model: settings.model }),
    ...(provider === undefined ? {} : { modelProvider: provider }),
    ...known('serviceTier', settings.serviceTier),
    ...known('effort', settings.effort),
    ...known(
      'summary',
      SUMMARIES.find((word) => word === settings.summary),
    ),
    ...known(
      'personality',
      PERSONALITIES.find((word) => word === settings.personality),
    ),
    ...known('approvalPolicy', approvalPolicy(settings.approvalPolicy)),
    ...known('approvalsReviewer', settings.approvalsReviewer),
    ...known('profileId', settings.activePermissionProfile?.id),
    ...known('profile', profile ?? undefined),
    ...known('baseInstructions', meta.base_instructions?.text),
    ...known('collaborationMode', mode ?? undefined),
    ...known('disabledPluginIds', textsOf(settings.disabledPluginIds)),
    ...known('dynamicTools', meta.dynamic_tools ?? undefined),
    warnings: warning === null ? [] : [warning],
  };
}

const SUMMARIES = ['auto', 'concise', 'detailed', 'none'] as const;
const PERSONALITIES = ['none', 'friendly', 'pragmatic'] as const;
const POLICIES = ['untrusted', 'on-request', 'never'];

function storedProfile(
  { permissionProfile, sandboxPolicy }: StoredSettings,
  roots: readonly string[],
): { readonly profile: PermissionProfile | null; readonly warning: string | null } {
  const given = permissionProfile ?? sandboxPolicy ?? null;
  if (given === null) return { profile: null, warning: null };
  const profile =
    (permissionProfile ?? null) === null
      ? profileFromSandboxPolicy(sandboxPolicy)
      : profileFromRecord(permissionProfile, roots);
  if (profile !== null) return { profile, warning: null };
  const warning =
    'The permissions of this thread were recorded in a form that codexd does not know; the configured ones hold.';
  return { profile, warning };
}

/** `on-failure` is gone (docs/protocol/threads.md §13); `on-request` asks in all of its cases. */
function approvalPolicy(stored: unknown): unknown {
  if (stored === 'on-failure') return 'on-request';
  if (typeof stored === 'string') return POLICIES.includes(stored) ? stored : undefined;
  if (!isObject(stored) || !isObject(stored.granular)) return undefined;
  const { granular } = stored;
  const needed = ['sandbox_approval', 'rules', 'mcp_elicitations'];
  return needed.every((key) => typeof granular[key] === 'boolean') ? { granular } : undefined;
}

function collaborationMode(stored: unknown): ThreadSettings['collaborationMode'] | null {
  if (!isObject(stored) || (stored.mode !== 'plan' && stored.mode !== 'default') || !isObject(stored.settings))
    return null;
  const { model, reasoning_effort: effort, developer_instructions: instructions } = stored.settings;
  if (typeof model !== 'string') return null;
  return {
    mode: stored.mode,
    settings: {
      model,
      reasoning_effort: typeof effort === 'string' && effort !== '' ? effort : null,
      developer_instructions: typeof instructions === 'string' ? instructions : null,
    },
  };
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item): item is string => typeof item === 'string') ? value : undefined;
}

function known<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: T });
}
