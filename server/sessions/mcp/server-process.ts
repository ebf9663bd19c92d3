/**
 * The process of an MCP server: started by the supervisor, as the user would run it, and ended with all its children.
 *
 * Threat: processes that stay when their thread or the daemon is gone; secrets of the daemon in a server's environment.
 * Rule: the supervisor starts and ends it, like every command. It gets a short list of variables, and what its
 * configuration names (docs/protocol/services.md §7, "A process"). Non-scope: what the server does; it runs without a
 * sandbox, because its user configured it.
 */
import { describe } from '../../errors/describe.js';
import { changed } from '../../exec/start/command-environment.js';
import { UNRESTRICTED } from '../../exec/start/permissions.js';
import type { Supervisor } from '../../exec/supervisor.js';
import type { OutputSink } from '../../exec/run/output.js';
import type { Logger } from '../../log/log.js';
import type { ServerPipe } from './shape/connection.js';
import type { McpServerConfig, StdioTransport } from './shape/server-config.js';

export interface ServerProcessOptions {
  readonly supervisor: () => Promise<Supervisor>;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Absolute: where it runs when its configuration names no folder. */
  readonly cwd: string;
  /** Null: it belongs to no thread. */
  readonly threadId: string | null;
  /** Its abort ends the process at once. */
  readonly gone: AbortSignal;
  readonly log: Logger;
}

/** How long a server may take to end once its input has ended, in milliseconds. */
const GRACE_MS = 1_000;

/** Rejects with SpawnError, ConfigError, and the other errors of Supervisor.start. */
export async function startServerProcess(
  { name }: Pick<McpServerConfig, 'name'>,
  transport: StdioTransport,
  { supervisor, env, cwd, threadId, gone, log }: ServerProcessOptions,
): Promise<ServerPipe> {
  const out = held();
  const running = await (
    await supervisor()
  ).start({
    argv: [transport.command, ...transport.args],
    cwd: transport.cwd ?? cwd,
    env: serverEnvironment(transport, env),
    permissions: UNRESTRICTED,
    io: { kind: 'pipes', stdin: true },
    timeoutMs: null,
    owner:
      threadId === null
        ? { kind: 'connection', connectionId: 0, requestId: `mcp ${name}`, processId: null }
        : { kind: 'thread', threadId, turnId: null, itemId: null },
    prompter: null,
    gone,
    stdout: out.sink,
    stderr: logLines((line) => log.info(`MCP server ${name}: ${line}`, threadId === null ? {} : { thread: threadId })),
  });
  void running.ended.then(out.end, (error: unknown) => {
    log.error(...describe(`the end of MCP server ${name} is not known`, error));
    out.end();
  });
  return {
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
