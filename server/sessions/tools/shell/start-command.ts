/** Starts a command of the model: its environment, its permissions, its place among the thread's commands. */
import type { NetworkAccess } from '../../../config/permissions/network-policy.js';
import { messageOf } from '../../../errors/message-of.js';
import { SpawnError } from '../../../exec/process/spawn-errors.js';
import { TURN_DRAIN_MS } from '../../../exec/run/drain.js';
import { commandEnvironment, type EnvironmentChanges } from '../../../exec/start/command-environment.js';
import { shellWithPatchProgram } from '../../../exec/start/patch-program.js';
import { UNRESTRICTED } from '../../../exec/start/permissions.js';
import type { Supervisor } from '../../../exec/supervisor.js';
import type { Prompter } from '../../../network-approval/registration/prompter.js';
import { PROTOCOL_VERSION } from '../../../package/package-version.js';
import type { UnsandboxedCommand } from '../../approvals/unsandboxed-command.js';
import type { LiveThread } from '../../live/live-thread.js';
import type { ExecSession } from '../../runtime/exec-sessions.js';
import type { ToolContext } from '../../tool-types/tool.js';
import { startExecSession, type CommandItem } from './exec-session.js';
import { turnPermissions } from './turn-permissions.js';

export interface CommandStarts {
  readonly supervisor: () => Promise<Supervisor>;
  /** The prompter for the command's network requests. */
  readonly prompter: (context: ToolContext, itemId: string, network: NetworkAccess) => Prompter | null;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

const TERMINAL_SIZE = { rows: 24, cols: 80 };

export interface CommandToStart {
  readonly item: CommandItem;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly tty: boolean;
  readonly id: number;
  readonly unsandboxed: boolean;
  /** The command that runs instead. */
  readonly replacement: UnsandboxedCommand | null;
}

/** Rejects if the command cannot start: `whyNotStarted` has the text. */
export async function startCommand(
  options: CommandStarts,
  command: CommandToStart,
  context: ToolContext,
): Promise<ExecSession> {
  const { thread, turn, state } = context;
  const { item, argv, cwd, tty, id, unsandboxed, replacement } = command;
  const permissions = unsandboxed ? UNRESTRICTED : turnPermissions(state);
  const { settings } = state;
  const env = commandEnvironment(settings, options.env, marks(thread, item.id), !unsandboxed);
  const run = replacement ?? { cwd, ...shellWithPatchProgram({ argv, env }) };
  const supervisor = await options.supervisor();
  // From here on, the end of the thread also ends the command, even while it waits for its lane.
  const gone = new AbortController();
  const cancel = (): void => gone.abort();
  let terminate = cancel;
  const forget = thread.terminals.add({
    itemId: item.id,
    processId: String(id),
    command: argv[2] ?? '',
    cwd,
    osPid: null,
    terminate: () => terminate(),
  });
  // An interrupt does not end running commands, but no new one starts.
  if (turn.signal.aborted || thread.status.type === 'notLoaded') cancel();
  turn.signal.addEventListener('abort', cancel, { once: true });
  let session: ExecSession;
  try {
    session = await startExecSession({
      thread,
      turn,
      item,
      id,
      tty,
      script: argv[2] ?? '',
      onEnd: forget,
      start: (sinks) =>
        supervisor.start({
          ...run,
          permissions,
          io: tty ? { kind: 'terminal', size: TERMINAL_SIZE } : { kind: 'pipes', stdin: false },
          timeoutMs: null,
          drainMs: TURN_DRAIN_MS,
          owner: { kind: 'thread', threadId: thread.id, turnId: turn.id, itemId: item.id },
          prompter: options.prompter(context, item.id, permissions.network),
          gone: gone.signal,
          ...sinks,
        }),
    });
  } catch (error) {
    forget();
    throw error;
  } finally {
    turn.signal.removeEventListener('abort', cancel);
  }
  terminate = () => session.terminate();
  return session;
}

/** In the reference's words if the system refuses, as for a folder that does not exist (docs/protocol/turns.md §4). */
export const whyNotStarted = (error: unknown): string =>
  error instanceof SpawnError ? `Failed to create unified exec process: ${error.message}` : messageOf(error);

/** Variables in the environment of every command of a model (docs/protocol/turns.md §4). */
export function marks(thread: Pick<LiveThread, 'id'>, callId: string): EnvironmentChanges {
  return {
    CODEX_CI: '1',
    CODEX_THREAD_ID: thread.id,
    CODEX_SESSION_ID: thread.id,
    CODEX_TOOL_CALL_ID: callId,
    CODEX_VERSION: PROTOCOL_VERSION,
    NO_COLOR: '1',
    TERM: 'dumb',
    LANG: 'C.UTF-8',
    LC_CTYPE: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    COLORTERM: '',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GH_PAGER: 'cat',
  };
}
