/** The common part of the answers of start, resume and fork (docs/protocol/threads.md §3). */
import type { Thread, ThreadStartResponse } from '../../../../schema/protocol/threads/thread.js';
import { agentsMdOf, agentsMdSources } from '../../context/agents-md.js';
import type { ThreadState } from '../../live/live-thread.js';

export interface ThreadAnswer {
  readonly answer: ThreadStartResponse;
  /** The parts of the AGENTS.md files that were cut or omitted. */
  readonly warnings: readonly string[];
}

export function threadAnswer(thread: Thread, state: ThreadState, codexHome: string): ThreadAnswer {
  const { wire } = state;
  const agents = agentsMdOf(state, codexHome);
  return {
    warnings: agents.warnings,
    answer: {
      thread,
      model: wire.model,
      modelProvider: wire.modelProvider,
      serviceTier: wire.serviceTier ?? null,
      disabledPluginIds: wire.disabledPluginIds,
      cwd: wire.cwd,
      runtimeWorkspaceRoots: [...state.runtimeWorkspaceRoots],
      instructionSources: agentsMdSources(agents),
      approvalPolicy: wire.approvalPolicy,
      approvalsReviewer: wire.approvalsReviewer,
      sandbox: wire.sandboxPolicy,
      activePermissionProfile: wire.activePermissionProfile ?? null,
      reasoningEffort: wire.effort ?? null,
      multiAgentMode: wire.multiAgentMode,
    },
  };
}
