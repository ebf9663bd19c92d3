/** Creates the runtime of a thread (runtime/thread-runtime.ts). */
import { createSessionMemory, type SessionMemory } from '../../network-approval/registration/session-memory.js';
import { createLiveHistory, storedLeftOut } from '../context/live-history.js';
import type { RuntimeSource } from '../live/live-thread.js';
import { createMcpServers, type McpServers } from '../mcp/mcp-servers.js';
import type { McpDaemon } from '../mcp/open-server.js';
import { allowedServers } from '../mcp/shape/allowed-servers.js';
import { createApprovals } from '../runtime/approvals.js';
import { createGoalSteps } from '../runtime/goal-steps.js';
import { createGrants } from '../runtime/grants.js';
import { createLeftOut } from '../runtime/left-out.js';
import { createPauses } from '../runtime/pauses.js';
import { createSchedule } from '../runtime/schedule.js';
import type { ThreadRuntime } from '../runtime/thread-runtime.js';
import { createThreadWork } from '../runtime/thread-work.js';
import type { HookDaemon } from '../../hooks/run/run-hooks.js';
import { createThreadHooks } from '../hooks/create-thread-hooks.js';
import type { SessionBegin } from '../runtime/thread-runtime.js';
import type { ThreadStore } from '../store/records/thread-store.js';
import { elicit } from '../tools/mcp/elicitation.js';
import { createExecSessions } from '../tools/shell/create-exec-sessions.js';

/** `store`: where the histories of threads are read. `mcp`, `hooks`: what servers and hooks are started with. */
export function threadRuntimes(
  store: Pick<ThreadStore, 'find' | 'history'>,
  mcp: McpDaemon,
  hooks: HookDaemon,
): (thread: RuntimeSource) => ThreadRuntime {
  return (thread) => {
    const network = createSessionMemory();
    const servers = mcpServersOf(thread, network, mcp);
    return {
      approvals: createApprovals(),
      patches: createApprovals(),
      grants: createGrants(),
      network,
      execSessions: createExecSessions(),
      leftOut: createLeftOut(() => storedLeftOut(thread, store)),
      mcp: servers,
      mcpApprovals: createApprovals(),
      hooks: createThreadHooks(thread, hooks, servers, BEGINS[thread.how]),
      schedule: createSchedule(),
      work: createThreadWork(createLiveHistory(thread, store)),
      goalSteps: createGoalSteps(),
      pauses: createPauses(),
    };
  };
}

function mcpServersOf(thread: RuntimeSource, memory: SessionMemory, daemon: McpDaemon): McpServers {
  return createMcpServers({
    daemon,
    host: {
      threadId: thread.id,
      cwd: () => thread.state.wire.cwd,
      configs: () => allowedServers(thread.state.table, daemon.required(), thread.state.plugins),
      patienceMs() {
        const { mcp_optional_startup_grace_ms: patience } = thread.state.table;
        return typeof patience === 'number' ? patience : null;
      },
      access: () => ({ settings: thread.state.settings, roots: thread.state.runtimeWorkspaceRoots }),
      memory,
      warn: (message) => thread.events.notify('warning', { threadId: thread.id, message }),
      tell: (note) => thread.events.notify('mcpServer/startupStatus/updated', { threadId: thread.id, ...note }),
      ask: (server, question) => elicit(thread, server, question),
    },
  });
}

const BEGINS: Readonly<Record<RuntimeSource['how'], SessionBegin>> = {
  started: 'startup',
  cleared: 'clear',
  resumed: 'resume',
  forked: 'fork',
  reverted: 'resume',
};
