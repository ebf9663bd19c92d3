/**
 * The process of an MCP server: started by the supervisor, and ended with all its children.
 *
 * Threat: processes that stay when their thread or the daemon is gone; secrets of the daemon in a server's environment.
 * Rule: the supervisor starts and ends it, like every command. It gets a short list of variables, and what its
 * configuration names (docs/protocol/services.md §7, "A process"). It runs with the given permissions or not at all.
 * Non-scope: what the server does; one without a permission profile runs as its user, who configured it.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { describe } from '../../errors/describe.js';
import { programError } from '../../exec/process/program-lookup.js';
import { changed } from '../../exec/start/command-environment.js';
import type { CommandSpec, RunningCommand } from '../../exec/start/command.js';
import { needsSandbox, type CommandPermissions } from '../../exec/start/permissions.js';
import type { Supervisor } from '../../exec/supervisor.js';
import type { OutputSink } from '../../exec/run/output.js';
import type { Logger } from '../../log/log.js';
import type { CommandOwner } from '../../network-approval/registration/denial.js';
import type { ServerPipe } from './shape/connection.js';
import type { McpServerConfig, StdioTransport } from './shape/server-config.js';

export interface ServerProcessOptions {
  readonly supervisor: () => Promise<Supervisor>;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Absolute: where it runs when its configuration names no folder. */
  readonly cwd: string;
  readonly permissions: CommandPermissions;
  readonly owner: CommandOwner;
  /** What it works for when it asks for the network. */
  readonly workNow: NonNullable<CommandSpec['workNow']>;
  /** How long the start may wait for a network lane, in milliseconds. */
  readonly patienceMs: number;
  /** Its abort ends the process at once. */
  readonly gone: AbortSignal;
  readonly log: Logger;
}

/** How long a server may take to end once its input has ended, in milliseconds. */
const GRACE_MS = 1_000;

export interface ServerProcess extends ServerPipe {
  /** Its network requests are judged. */
  readonly onLane: boolean;
}

/** Of a server: `threadId` null: it belongs to no thread. */
export const serverOwner = (name: string, threadId: string | null): CommandOwner =>
  threadId === null
    ? { kind: 'connection', connectionId: 0, requestId: `mcp ${name}`, processId: null, mcpServer: name }
    : { kind: 'thread', threadId, turnId: null, itemId: null, mcpServer: name };

/** Rejects with SpawnError, ConfigError, `mcp.start-timeout`, and the other errors of Supervisor.start. */
export async function startServerProcess(
  { name }: Pick<McpServerConfig, 'name'>,
  transport: StdioTransport,
  options: ServerProcessOptions,
): Promise<ServerProcess> {
  const { supervisor, env, permissions, owner, workNow, log } = options;
  const out = held();
  const about = owner.kind === 'thread' ? { thread: owner.threadId } : {};
  const spec: Omit<CommandSpec, 'gone'> = {
    argv: [transport.command, ...transport.args],
    cwd: transport.cwd ?? options.cwd,
    env: serverEnvironment(transport, env),
    permissions,
    io: { kind: 'pipes', stdin: true },
    timeoutMs: null,
    owner,
    prompter: null,
    workNow,
    stdout: out.sink,
    stderr: logLines((line) => log.info(`MCP server ${name}: ${line}`, about)),
  };
  // In a sandbox a missing program is a command that ends at once; its line would be in the log only.
  const problem = needsSandbox(permissions) ? programError(transport.command, spec.cwd, spec.env.PATH) : null;
  if (problem !== null) throw problem;
  const running = await startInTime(await supervisor(), spec, options);
  void running.ended.then(out.end, (error: unknown) => {
    log.error(...describe(`the end of MCP server ${name} is not known`, error));
    out.end();
  });
  return {
    onLane: running.onLane,
    listen: out.listen,
    write: (data) => running.write(data),
    async close() {
      running.closeStdin();
      const timer = setTimeout(() => running.terminate(), GRACE_MS);
      await running.ended.catch(() => undefined); // It is in the log already.
      clearTimeout(timer);
    },
  };
}

/** Rejects with `mcp.start-timeout` when the time is over before the process runs: it may wait for a network lane. */
async function startInTime(
  supervisor: Supervisor,
  spec: Omit<CommandSpec, 'gone'>,
  { gone, patienceMs }: Pick<ServerProcessOptions, 'gone' | 'patienceMs'>,
): Promise<RunningCommand> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), patienceMs);
  try {
    const running = await supervisor.start({ ...spec, gone: AbortSignal.any([gone, late.signal]) });
    if (!late.signal.aborted) return running;
    await running.ended;
  } catch (error) {
    if (!late.signal.aborted || gone.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  throw new CodexdError(
    'mcp.start-timeout',
    `it could not be started within ${patienceMs / 1000} seconds: other commands and servers hold the network lanes`,
  );
}

/** Variables that every server gets: facts of the protocol. */
const COMMON = [
  'HOME',
  'LOGNAME',
  'PATH',
  'SHELL',
  'USER',
  '__CF_USER_TEXT_ENCODING',
  'LANG',
  'LC_ALL',
  'TERM',
  'TMPDIR',
  'TZ',
] as const;

export function serverEnvironment(
  { env: own, envVars }: Pick<StdioTransport, 'env' | 'envVars'>,
  env: Readonly<NodeJS.ProcessEnv>,
): Record<string, string> {
  const copied: Record<string, string> = {};
  for (const name of [...COMMON, ...envVars]) {
    const value = env[name];
    if (value !== undefined) copied[name] = value;
  }
  return changed(copied, own);
}

/** Keeps what comes before somebody listens. */
function held(): { readonly sink: OutputSink; readonly listen: ServerPipe['listen']; readonly end: () => void } {
  let early: Buffer[] = [];
  let over = false;
  let listener: { readonly take: (piece: Buffer) => void; readonly ended: () => void } | null = null;
  return {
    sink: {
      full: false,
      push(piece) {
        if (listener === null) early.push(piece);
        else listener.take(piece);
        return undefined;
      },
    },
    listen(take, ended) {
      listener = { take, ended };
      const before = early;
      early = [];
      for (const piece of before) take(piece);
      if (over) ended();
    },
    end() {
      over = true;
      listener?.ended();
    },
  };
}

/** A line of the log has no more characters of a server's; a line without end is cut there too. */
const MAX_LOGGED = 2_000;

function logLines(write: (line: string) => void): OutputSink {
  let rest = '';
  return {
    full: false,
    push(piece) {
      const lines = (rest + piece.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') write(line.slice(0, MAX_LOGGED));
      if (rest.length > MAX_LOGGED) {
        write(rest.slice(0, MAX_LOGGED));
        rest = '';
      }
      return undefined;
    },
  };
}
