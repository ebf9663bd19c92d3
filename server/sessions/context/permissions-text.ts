/** Tells the model about its permissions: one part of a developer message (docs/protocol/turns.md §3). */
import type { ThreadState } from '../live/live-thread.js';

export function permissionsText(state: ThreadState, approvedPrefixes: readonly (readonly string[])[] = []): string {
  const parts = [filesystem(state), network(state), approvals(state)];
  if (approvedPrefixes.length > 0) {
    const shown = approvedPrefixes.map((prefix) => `- ${JSON.stringify(prefix)}`).join('\n');
    parts.push(`Commands that begin with one of these were allowed for good and run without the sandbox:\n${shown}`);
  }
  return `<permissions instructions>\n${parts.join('\n')}\n</permissions instructions>`;
}

function filesystem({ wire, profile }: ThreadState): string {
  const { sandboxPolicy: policy } = wire;
  if (profile.enforcement === 'external')
    return '`sandbox_mode` is `external-sandbox`: something else holds commands to their limits.';
  if (policy.type === 'dangerFullAccess')
    return '`sandbox_mode` is `danger-full-access`: commands run without a sandbox and may change any file.';
  if (policy.type === 'workspaceWrite') {
    const more = policy.writableRoots.length > 0 ? ` Also writable: ${policy.writableRoots.join(', ')}.` : '';
    return `\`sandbox_mode\` is \`workspace-write\`: commands may read files, and write to files in the workspace and the temporary folders.${more} \`.git\`, \`.codex\` and \`.agents\` in them are read-only.`;
  }
  return '`sandbox_mode` is `read-only`: commands may read files and change none.';
}

function network({ settings, profile }: ThreadState): string {
  const access = settings.networkAccess(profile);
  switch (access.kind) {
    case 'proxied':
      return 'Network access goes through a policy proxy: hosts that are not allowed are refused, and a refused command is ended.';
    case 'direct':
      return 'Network access is enabled.';
    default:
      return 'Network access is restricted: commands have none.';
  }
}

function approvals({ wire }: ThreadState): string {
  const { approvalPolicy: policy } = wire;
  const how =
    'To run one without the sandbox, call exec_command with `sandbox_permissions` set to `require_escalated` and a `justification` that asks the person in one sentence; offer a `prefix_rule` when the same kind of command will come again.';
  if (policy === 'never')
    return '`approval_policy` is `never`: nobody can be asked. Do not ask for escalated permissions; such calls are refused. Work within what is allowed.';
  if (policy === 'untrusted')
    return `\`approval_policy\` is \`untrusted\`: the person is asked about every command that no rule allows. ${how}`;
  if (policy === 'on-request')
    return `\`approval_policy\` is \`on-request\`: commands run in the sandbox without asking. ${how}`;
  const off = Object.entries(policy.granular).flatMap(([kind, asked]) => (asked ? [] : [kind]));
  const never = off.length > 0 ? ` Requests of these kinds are refused without asking: ${off.join(', ')}.` : '';
  return `\`approval_policy\` is \`granular\`: commands run in the sandbox without asking. ${how}${never}`;
}
