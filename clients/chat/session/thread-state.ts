/** The facts about the shown thread that status lines contain. */
import type { RequestResult } from '../../../schema/registry.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { ThreadSettings } from '../../../schema/protocol/threads/thread.js';
import type { ThreadTokenUsage } from '../../../schema/protocol/threads/thread-usage.js';

export interface ThreadState {
  readonly id: string;
  readonly name: string | null;
  readonly cwd: string;
  readonly model: string;
  readonly provider: string;
  readonly effort: string | null;
  /** The profile or the sandbox of commands. */
  readonly permissions: string;
  /** When a person is asked. */
  readonly approvals: string;
  /** The running turn. Null: none. */
  readonly turnId: string | null;
  readonly usage: ThreadTokenUsage | null;
  readonly connection: 'connected' | 'reconnecting' | 'closed';
}

type Opened = Pick<
  RequestResult<'thread/start'>,
  | 'thread'
  | 'model'
  | 'modelProvider'
  | 'cwd'
  | 'reasoningEffort'
  | 'sandbox'
  | 'activePermissionProfile'
  | 'approvalPolicy'
>;

/** The state from the result of `thread/start` or `thread/resume`. */
export function openedState(opened: Opened, turns: readonly Turn[]): ThreadState {
  const { thread, model, modelProvider, cwd, reasoningEffort, sandbox, activePermissionProfile, approvalPolicy } =
    opened;
  const running = turns.find(({ status }) => status === 'inProgress');
  return {
    id: thread.id,
    name: thread.name ?? null,
    cwd,
    model,
    provider: modelProvider,
    effort: reasoningEffort ?? null,
    permissions: permissionsText(activePermissionProfile?.id ?? null, sandbox),
    approvals: approvalsText(approvalPolicy),
    turnId: running?.id ?? null,
    usage: null,
    connection: 'connected',
  };
}

export function withSettings(state: ThreadState, settings: ThreadSettings): ThreadState {
  const { model, modelProvider, effort, cwd, sandboxPolicy, activePermissionProfile, approvalPolicy } = settings;
  return {
    ...state,
    model,
    provider: modelProvider,
    effort: effort ?? null,
    cwd,
    permissions: permissionsText(activePermissionProfile?.id ?? null, sandboxPolicy),
    approvals: approvalsText(approvalPolicy),
  };
}

function permissionsText(profile: string | null, sandbox: Opened['sandbox']): string {
  if (profile !== null) return profile;
  const mode = sandbox.type.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const network = 'networkAccess' in sandbox && (sandbox.networkAccess === true || sandbox.networkAccess === 'enabled');
  return network ? `${mode} with network` : mode;
}

const approvalsText = (policy: Opened['approvalPolicy']): string => (typeof policy === 'string' ? policy : 'granular');

/** `12.3k tokens, 91% of the context left`. Empty before the first answer. */
export function usageText({ usage }: Pick<ThreadState, 'usage'>): string {
  if (usage === null) return '';
  const { total, last, modelContextWindow: window } = usage;
  const tokens = `${short(Number(total.totalTokens))} tokens`;
  if ((typeof window !== 'number' && typeof window !== 'bigint') || Number(window) <= 0) return tokens;
  const left = Math.max(0, Math.min(100, Math.round(100 - (Number(last.totalTokens) / Number(window)) * 100)));
  return `${tokens}, ${left}% of the context left`;
}

const short = (count: number): string =>
  count < 1000 ? String(count) : count < 1e6 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1e6).toFixed(1)}M`;
