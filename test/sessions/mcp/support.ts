/** Servers on a supervisor that starts nothing: each start is answered within the test. */
import type { CommandEnd, CommandSpec } from '../../../server/exec/start/command.js';
import type { Supervisor } from '../../../server/exec/supervisor.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import type { McpServerHost, StartupNote } from '../../../server/sessions/mcp/mcp-server.js';
import type { AuthStatus, McpLogins } from '../../../server/sessions/mcp/oauth/index.js';
import type { McpDaemon } from '../../../server/sessions/mcp/open-server.js';
import { mcpServerConfigs, type McpServerConfig } from '../../../server/sessions/mcp/shape/server-config.js';
import { READ_ONLY } from '../../../server/config/permissions/permission-profile.js';
import { ConfigError } from '../../../server/errors/config-error.js';
import { serverOwner } from '../../../server/sessions/mcp/server-process.js';
import type { ServerAccess } from '../../../server/sessions/mcp/server-permissions.js';
import { createServerWorks } from '../../../server/sessions/mcp/work/server-works.js';
import { newMcpCounts } from '../../../server/metrics/mcp-counts.js';
import { silentLogger } from '../../../server/log/log.js';
import { fakeServer, type FakeServer } from '../../fixtures/mcp-server.js';

/** Nobody has logged in anywhere, and nobody can. `status`: what is said of all servers. */
export const noLogins = (status: AuthStatus = 'unknown'): McpLogins => ({
  tokens: () => null,
  stored: () => null,
  status: () => Promise.resolve(status),
  login: () => Promise.reject(new Error('no login here')),
  logout: () => Promise.resolve(false),
  close: () => Promise.resolve(),
});

export interface FakeRun {
  readonly spec: CommandSpec;
  readonly server: FakeServer;
  /** What ended it. */
  end: 'running' | 'stdin' | 'terminate' | 'gone' | 'itself';
  /** It ends by itself. */
  die(): void;
}

export interface FakeDaemon extends McpDaemon {
  readonly runs: FakeRun[];
  readonly lines: string[];
}

/**
 * `serve`: the server of a start; a throw refuses the start. `stays`: it does not mind the end of its input. `onLane`:
 * as if the network of its processes were judged.
 */
export function fakeDaemon(
  serve: (spec: CommandSpec) => FakeServer = () => fakeServer(),
  { stays = false, onLane = false } = {},
): FakeDaemon {
  const runs: FakeRun[] = [];
  const lines: string[] = [];
  const log = {
    ...silentLogger,
    info: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(line),
  };
  const supervisor = {
    start(spec: CommandSpec) {
      const server = serve(spec);
      let resolve!: (end: CommandEnd) => void;
      const ended = new Promise<CommandEnd>((done) => (resolve = done));
      const finish = (how: FakeRun['end']): void => {
        if (run.end !== 'running') return;
        run.end = how;
        resolve({ cause: 'exit', exitCode: 0, denial: null, drainTimedOut: false });
      };
      const run: FakeRun = { spec, server, end: 'running', die: () => finish('itself') };
      runs.push(run);
      server.pipe.listen(
        (piece) => void spec.stdout.push(piece),
        () => run.die(),
      );
      spec.gone.addEventListener('abort', () => finish('gone'));
      return Promise.resolve({
        exited: false,
        onLane,
        write: (data: Buffer) => server.pipe.write(data),
        closeStdin: () => void (stays || finish('stdin')),
        terminate: () => finish('terminate'),
        ended,
      });
    },
  };
  return {
    runs,
    lines,
    supervisor: () => Promise.resolve(supervisor as unknown as Supervisor),
    env: { PATH: '/bin', HOME: '/h', CODEX_HOME: '/secret', OPENAI_API_KEY: 'secret', EXTRA: 'e', TOKEN: 'tok' },
    outbound: () => {
      throw new Error('no requests here');
    },
    logins: noLogins(),
    required: () => null,
    counts: newMcpCounts(),
    log: { ...log, child: () => log },
  };
}

export const configOf = (more = '', name = 'srv'): McpServerConfig => {
  const [config] = mcpServerConfigs(parseToml(`[mcp_servers."${name}"]\ncommand = "server"\n${more}`));
  return config!;
};

export interface FakeHost extends McpServerHost {
  readonly notes: StartupNote[];
  readonly warnings: string[];
}

/** Knows no profile but `tight`, which has no network. */
export const fakeAccess = (): ServerAccess => ({
  settings: {
    profile(name) {
      if (name !== 'tight') throw new ConfigError(`no profile ${name}`);
      return { ...READ_ONLY, id: name };
    },
    assertAllowed() {},
    networkAccess: ({ networkEnabled }) => ({ kind: networkEnabled ? 'direct' : 'offline' }),
    codexd: { rulesWithoutSandbox: [], commandExec: { onNetworkDenial: 'cancel' }, networkPrompts: 'always' },
  },
  roots: ['/work'],
});

export const fakeWorks = () => createServerWorks({ owner: serverOwner('srv', null), memory: null, stray: () => {} });

export function fakeHost(): FakeHost {
  const warnings: string[] = [];
  const notes: StartupNote[] = [];
  return {
    notes,
    threadId: 'thread',
    cwd: '/work',
    access: fakeAccess,
    memory: null,
    warnings,
    warn: (message) => void warnings.push(message),
    tell: (note) => void notes.push(note),
    ask: () => Promise.resolve({ action: 'decline' }),
  };
}
