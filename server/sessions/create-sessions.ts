/** The threads of one daemon: the store, the catalog, the loaded threads, and the methods. */
import { messageOf } from '../errors/message-of.js';
import type { RuleBook } from '../config/rules/rule-book.js';
import type { Supervisor } from '../exec/supervisor.js';
import type { Logger } from '../log/log.js';
import { invalidRequest } from '../errors/rpc-error.js';
import type { FeatureScope } from '../config/handlers/experimental-feature.js';
import type { ConfigService } from '../config/settings/config-service.js';
import { defined } from '../exec/start/command-environment.js';
import type { HookDaemon } from '../hooks/run/run-hooks.js';
import { createCatalog } from './catalog/create-catalog.js';
import { watchSkills } from './context/watched-skills.js';
import { createLiveThreads } from './live/create-live-threads.js';
import { createUserShell } from './live/user-shell.js';
import { threadRuntimes } from './turn/create-thread-runtime.js';
import type { LiveCounts, LiveThreads } from './live/live-threads.js';
import { defaultProvider, type LifecycleDeps } from './methods/thread/lifecycle-common.js';
import { canonicalId } from './live/live-thread-of.js';
import { createMcpLogins } from './mcp/oauth/index.js';
import { oauthSettings } from './mcp/oauth/oauth-settings.js';
import type { McpDaemon } from './mcp/open-server.js';
import { serverRequirements } from './mcp/shape/server-requirements.js';
import type { AccountAccess } from './model/provider/credentials.js';
import { createOutbound, type Outbound } from './model/endpoint/outbound.js';
import { threadMethods } from './methods/thread-methods.js';
import type { Outbox } from './live/outbox.js';
import { createTurnParts } from './create-turns.js';
import { newSessionCounts, type SessionCounts } from '../metrics/session-counts.js';
import { createThreadStore, type FileThreadStore } from './store/create-thread-store.js';
import type { ThreadState } from './runtime/thread-state.js';
import { reloadedThreadState } from './state/build-thread-state.js';
import type { HookSet } from '../hooks/discover/discover-hooks.js';
import type { OutputFile } from '../system/files/output-file.js';

export interface SessionsOptions {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly outbox: Outbox;
  readonly supervisor: () => Promise<Supervisor>;
  readonly rules: RuleBook;
  /** The login with an account. */
  readonly account: () => Promise<{ readonly access: AccountAccess }>;
  /** The source of new threads. */
  readonly sessionSource: string;
  /** The file that records the models' answers; null: no recording. */
  readonly recordTo: OutputFile | null;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

export interface Sessions {
  readonly methods: ReturnType<typeof threadMethods>;
  readonly threads: LiveThreads;
  /** What a session of another agent needs to become a thread. */
  readonly imports: Pick<LifecycleDeps, 'codexHome' | 'catalog' | 'sessionSource'> & {
    readonly store: FileThreadStore;
    readonly modelProvider: string;
  };
  /** The configuration of a loaded thread. Throws RpcError if no loaded thread has that id. */
  threadConfig(threadId: string): FeatureScope;
  /** The hooks of a loaded thread, and its folder. Throws RpcError if no loaded thread has that id. */
  threadHooks(threadId: string): { readonly cwd: string; readonly hooks: HookSet };
  /** Loaded threads apply the settings of their current configuration that can change while they are loaded. */
  reload(): void;
  /** The same with their MCP servers. */
  pluginsChanged(): void;
  /** Counts since the daemon started, and current numbers. */
  counts(): SessionCounts & LiveCounts;
  /** Ends turns, closes files and releases locks. */
  close(): Promise<void>;
}

/** Creating it reads no files. */
export function createSessions(options: SessionsOptions): Sessions {
  const { codexHome, source, outbox, env, log } = options;
  const store = createThreadStore({ codexHome, log: log.child('codexd::store') });
  const catalog = createCatalog({
    codexHome,
    store,
    defaultProvider: () => defaultProvider(source),
    log: log.child('codexd::catalog'),
  });
  const counts = newSessionCounts();
  let outbound: Outbound | null = null;
  const connections = (): Outbound => (outbound ??= createOutbound(env));
  const logins = createMcpLogins({
    codexHome,
    env,
    outbound: connections,
    settings: () => oauthSettings(source.resolve(source.sources.cwd).effective.table),
    log: log.child('codexd::mcp'),
  });
  const mcp: McpDaemon = {
    supervisor: options.supervisor,
    env,
    outbound: connections,
    logins,
    required: () => serverRequirements(source),
    counts: counts.mcp,
    log: log.child('codexd::mcp'),
  };
  const hooks: HookDaemon = {
    supervisor: options.supervisor,
    env: defined(env),
    counts: counts.hooks,
    log: log.child('codexd::hooks'),
  };
  const skills = watchSkills({ codexHome, threads: () => threads, outbox, log: log.child('codexd::skills') });
  const runtimeOf = threadRuntimes(store, mcp, hooks);
  const threads: LiveThreads = createLiveThreads({
    outbox,
    catalog,
    counts,
    runtime: (thread) => {
      skills.look();
      return runtimeOf(thread);
    },
    log: log.child('codexd::threads'),
  });
  const shell = createUserShell({ supervisor: options.supervisor, env, log: log.child('codexd::exec') });
  const { sessionSource } = options;
  const deps: LifecycleDeps = {
    codexHome,
    source,
    store,
    catalog,
    threads,
    outbox,
    supervisor: options.supervisor,
    sessionSource,
    env,
    log: log.child('codexd::threads'),
  };
  const { turns, goalChanged, startTurn, firstContext } = createTurnParts({
    ...deps,
    ...options,
    forExec: sessionSource === 'exec',
    counts,
    log: log.child('codexd::turns'),
  });
  const reload = ({ servers }: { readonly servers: boolean }): void => {
    skills.look();
    for (const id of threads.ids()) {
      const live = threads.get(id);
      if (live === null) continue;
      try {
        live.applySettings(reloadedThreadState(source, live.state));
        if (servers) live.runtime.mcp.reload();
      } catch (error) {
        const message = `the changed configuration was not taken over: ${messageOf(error)}`;
        live.events.notify('warning', { threadId: id, message });
      }
    }
  };
  const stateOf = (threadId: string): ThreadState => {
    const id = canonicalId(threadId);
    const live = threads.get(id);
    if (live === null) throw invalidRequest(`thread not found: ${id}`);
    return live.state;
  };
  return {
    threads,
    get imports() {
      return { codexHome, store, catalog, sessionSource, modelProvider: defaultProvider(source) };
    },
    methods: threadMethods({
      ...deps,
      store,
      defaultProvider: () => defaultProvider(source),
      cwd: source.sources.cwd,
      goalChanged,
      firstContext,
      startTurn,
      isIdle: turns.idle,
      turns,
      shell,
      mcp,
      reloadServers: () => reload({ servers: true }),
    }),
    threadConfig(threadId) {
      const { wire, own } = stateOf(threadId);
      return { cwd: wire.cwd, overrides: own };
    },
    threadHooks(threadId) {
      const { wire, hooks } = stateOf(threadId);
      return { cwd: wire.cwd, hooks };
    },
    reload: () => reload({ servers: false }),
    pluginsChanged: () => reload({ servers: true }),
    counts: () => ({ ...counts, ...threads.counts() }),
    async close() {
      skills.close();
      const loggedOut = logins.close();
      await threads.close();
      await catalog.close();
      await loggedOut;
    },
  };
}
