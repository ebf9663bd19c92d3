/** The settings of a turn as a record (docs/protocol/threads.md §12.2 `turn_context`). */
import type { ThreadState } from '../runtime/thread-state.js';
import type { WorkTurn } from '../live/turn-thread.js';
import { permissionProfileRecord } from '../live/settings-record.js';
import type { NewRecord, RecordPayload } from '../store/records/rollout-record.js';

export function turnContextRecord(turn: WorkTurn, { wire, profile, runtimeWorkspaceRoots }: ThreadState): NewRecord {
  return {
    type: 'turn_context',
    payload: {
      turn_id: turn.id,
      root_turn_id: turn.rootTurnId,
      cwd: wire.cwd,
      approval_policy: wire.approvalPolicy,
      approvals_reviewer: wire.approvalsReviewer,
      permission_profile: permissionProfileRecord(profile, runtimeWorkspaceRoots),
      ...(wire.activePermissionProfile ? { active_permission_profile: wire.activePermissionProfile } : {}),
      model: wire.model,
      ...(wire.effort ? { effort: wire.effort } : {}),
      ...(wire.personality ? { personality: wire.personality } : {}),
      collaboration_mode: wire.collaborationMode,
      summary: wire.summary ?? 'auto',
      sandbox_policy: sandboxPolicyRecord(wire.sandboxPolicy),
    },
  };
}

/** The legacy policy in the file's spelling. */
function sandboxPolicyRecord(policy: ThreadState['wire']['sandboxPolicy']): RecordPayload {
  switch (policy.type) {
    case 'dangerFullAccess':
      return { type: 'danger-full-access' };
    case 'readOnly':
      return policy.networkAccess ? { type: 'read-only', network_access: true } : { type: 'read-only' };
    case 'externalSandbox':
      return { type: 'external-sandbox', network_access: policy.networkAccess };
    case 'workspaceWrite':
      return {
        type: 'workspace-write',
        writable_roots: policy.writableRoots,
        network_access: policy.networkAccess,
        exclude_tmpdir_env_var: policy.excludeTmpdirEnvVar,
        exclude_slash_tmp: policy.excludeSlashTmp,
      };
  }
}
