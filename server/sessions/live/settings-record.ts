/**
 * Converts a thread's settings to records (docs/protocol/threads.md §12.2, `thread_settings_applied` and
 * `turn_context`).
 */
import type {
  FilesystemEntry,
  FilesystemTarget,
  PermissionProfile,
} from '../../config/permissions/permission-profile.js';
import { paths } from '../../system/files/paths.js';
import type { NewRecord, RecordPayload } from '../store/records/rollout-record.js';
import type { ThreadId } from '../store/records/thread-id.js';
import type { ThreadState } from './live-thread.js';

/** The event with the settings that are in force from here on. */
export function settingsRecord(threadId: ThreadId, state: ThreadState): NewRecord {
  const { wire } = state;
  return {
    type: 'event_msg',
    payload: {
      type: 'thread_settings_applied',
      thread_id: threadId,
      thread_settings: {
        model: wire.model,
        model_provider_id: wire.modelProvider,
        ...set('service_tier', wire.serviceTier),
        approval_policy: wire.approvalPolicy,
        approvals_reviewer: wire.approvalsReviewer,
        permission_profile: permissionProfileRecord(state.profile, state.runtimeWorkspaceRoots),
        ...set('active_permission_profile', activeProfile(state)),
        cwd: wire.cwd,
        runtime_workspace_roots: state.runtimeWorkspaceRoots,
        ...set('reasoning_effort', wire.effort),
        ...set('reasoning_summary', wire.summary),
        ...set('personality', wire.personality),
        collaboration_mode: wire.collaborationMode,
        disabled_plugin_ids: wire.disabledPluginIds,
      },
    },
  };
}

/** A profile in the form of the file, with its workspace roots resolved. */
export function permissionProfileRecord(profile: PermissionProfile, workspaceRoots: readonly string[]): RecordPayload {
  const network = profile.networkEnabled ? 'enabled' : 'restricted';
  if (profile.enforcement === 'external') return { type: 'external', network };
  const { filesystem } = profile;
  if (filesystem.kind === 'unrestricted') {
    return profile.networkEnabled
      ? { type: 'disabled' }
      : { type: 'managed', file_system: { type: 'unrestricted' }, network };
  }
  return {
    type: 'managed',
    file_system: {
      type: 'restricted',
      entries: filesystem.entries.flatMap((entry) => entryRecords(entry, workspaceRoots)),
      ...set('glob_scan_max_depth', filesystem.globScanMaxDepth),
    },
    network,
  };
}

function entryRecords({ target, access }: FilesystemEntry, roots: readonly string[]): RecordPayload[] {
  return pathsOf(target, roots).map((path) => ({ path, access }));
}

function pathsOf(target: FilesystemTarget, roots: readonly string[]): RecordPayload[] {
  switch (target.kind) {
    case 'root':
    case 'minimal':
    case 'tmpdir':
      return [{ type: 'special', value: { kind: target.kind } }];
    case 'slashTmp':
      return [{ type: 'special', value: { kind: 'slash_tmp' } }];
    case 'path':
      return [{ type: 'path', path: target.path }];
    case 'workspaceRoots':
      return roots.map((root) => ({ type: 'path', path: below(root, target.subpath) }));
    case 'glob':
      return (target.base === null ? roots : [target.base]).map((base) => ({
        type: 'glob_pattern',
        pattern: below(base, target.pattern),
      }));
  }
}

const below = (root: string, rest: string): string => {
  if (rest === '') return root;
  // A pattern keeps its slashes: on Windows, they separate names as well.
  return paths.windows ? paths.native.join(root, rest) : `${root.replace(/\/+$/, '')}/${rest}`;
};

function activeProfile({ wire }: ThreadState): RecordPayload | null {
  const active = wire.activePermissionProfile;
  if (!active) return null;
  return { id: active.id, ...set('extends', active.extends) };
}

/** A member that is omitted if it has no value. */
const set = (name: string, value: unknown): RecordPayload =>
  value === null || value === undefined ? {} : { [name]: value };
