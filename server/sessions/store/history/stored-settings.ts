/**
 * The settings of a thread's last turn: `thread_settings_applied` wins over `turn_context` (docs/protocol/threads.md
 * §12.2).
 */
import { isObject } from '../../../system/node/objects.js';
import type { RecordPayload } from '../records/rollout-record.js';
import type { StoredSettings } from '../records/thread-store.js';

/** For each setting, the paths of its members in either record. The first one that is present counts. */
const SOURCES: Readonly<Record<keyof StoredSettings, readonly string[]>> = {
  model: ['model'],
  modelProvider: ['model_provider_id', 'model_provider'],
  effort: ['effort', 'reasoning_effort'],
  summary: ['summary', 'reasoning_summary'],
  approvalPolicy: ['approval_policy'],
  approvalsReviewer: ['approvals_reviewer'],
  activePermissionProfile: ['active_permission_profile'],
  permissionProfile: ['permission_profile'],
  sandboxPolicy: ['sandbox_policy'],
  cwd: ['cwd'],
  collaborationMode: ['collaboration_mode'],
  serviceTier: ['service_tier'],
  personality: ['personality'],
  runtimeWorkspaceRoots: ['runtime_workspace_roots'],
  disabledPluginIds: ['disabled_plugin_ids'],
};

const CLEARED_BY_OMISSION = ['effort', 'activePermissionProfile'] as const;

/** Takes the payloads of both records; null: the record was never written. */
export function storedSettings(context: RecordPayload | null, applied: RecordPayload | null): StoredSettings {
  const settings = applied?.['thread_settings'];
  const layers = [isObject(settings) ? settings : null, context];
  const merged: Record<string, unknown> = {};
  for (const [name, members] of Object.entries(SOURCES)) {
    // The folder of a single turn does not change the thread's folder (docs/protocol/threads.md §6).
    for (const layer of name === 'cwd' ? layers.slice(0, 1) : layers) {
      const member = layer === null ? undefined : members.find((candidate) => layer[candidate] !== undefined);
      if (layer === null || member === undefined) continue;
      merged[name] = layer[member];
      break;
    }
  }
  // A settings record is complete: a setting that it omits is not in force, even if the turn before had it.
  if (isObject(settings))
    for (const name of CLEARED_BY_OMISSION)
      if (!SOURCES[name].some((member) => settings[member] !== undefined)) merged[name] = null;
  return merged;
}
