/** Shared by the tests of server/sessions/live: threads on a real disk, clients over channels in memory. */
import { newMcpCounts } from '../../../server/metrics/mcp-counts.js';
import { getEventListeners } from 'node:events';
import fs from 'node:fs';
import type { Test } from 'tap';
import { DANGER_FULL_ACCESS } from '../../../server/config/permissions/permission-profile.js';
import { DEFAULT_SHELL_ENVIRONMENT } from '../../../server/config/settings/shell-environment.js';
import { NO_HOOKS } from '../../../server/hooks/discover/discover-hooks.js';
import type { CommandSettings } from '../../../server/config/settings/command-settings.js';
import { silentLogger } from '../../../server/log/log.js';
import type { Caller, RequestContext } from '../../../server/rpc/connection/caller.js';
import type { RpcServer } from '../../../server/rpc/server.js';
import { createLiveThreads, type LiveThreadsOptions } from '../../../server/sessions/live/create-live-threads.js';
import { joinThread, resumeMembers, withLiveTurns } from '../../../server/sessions/live/join.js';
import type { LiveThread, ThreadState } from '../../../server/sessions/live/live-thread.js';
import type { LiveThreads } from '../../../server/sessions/live/live-threads.js';
import { createThreadStore, type FileThreadStore } from '../../../server/sessions/store/create-thread-store.js';
import type { HistoryMode, RolloutRecord, SessionMeta } from '../../../server/sessions/store/records/rollout-record.js';
import { newId } from '../../../server/sessions/store/records/thread-id.js';
import type { RunnableHook } from '../../../server/hooks/runnable-hook.js';
import { newHookCounts } from '../../../server/metrics/session-counts.js';
import type { HookDaemon } from '../../../server/hooks/run/run-hooks.js';
import type { McpDaemon } from '../../../server/sessions/mcp/open-server.js';
import { threadRuntimes } from '../../../server/sessions/turn/create-thread-runtime.js';
import { initialized, temporaryFolder, testServer, type MemoryClient, type Message } from '../../rpc/support.js';
import { noLogins } from '../mcp/support.js';

export type { MemoryClient, Message };

export interface World {
  readonly server: RpcServer;
  readonly threads: LiveThreads;
  readonly store: FileThreadStore;
  readonly folder: string;
  /** Thread ids that were reported to the catalog. */
  readonly touched: string[];
  /** The callers of the requests so far, newest last: the server's view of the clients. */
  readonly callers: Caller[];
  start(options?: {
    mode?: HistoryMode;
    ephemeral?: boolean;
    cwd?: string;
    table?: ThreadState['table'];
  }): Promise<LiveThread>;
  /** A client that has subscribed to the thread by thread/resume. */
  join(thread: LiveThread, capabilities?: unknown): Promise<MemoryClient>;
  client(capabilities?: unknown): Promise<MemoryClient>;
  records(thread: LiveThread): RolloutRecord[];
}

type Handlers = Readonly<Record<string, (params: never, caller: Caller, context: RequestContext) => unknown>>;

/** A daemon that starts no MCP servers. */
const noServers: McpDaemon = {
  supervisor: () => Promise.reject(new Error('no server is started here')),
  env: {},
  outbound: () => {
    throw new Error('no request is made here');
  },
  logins: noLogins(),
  required: () => null,
  counts: newMcpCounts(),
  log: silentLogger,
};

/** `hooks`: what they are started with, and those of every thread. */
export type WorldOptions = Partial<LiveThreadsOptions> & {
  readonly hooks?: { readonly daemon: HookDaemon; readonly runnable: readonly RunnableHook[] };
};

/** A daemon that runs hooks, which it cannot start without a supervisor. */
export const hooksDaemon = (
  supervisor: HookDaemon['supervisor'] = () => Promise.reject(new Error('no hook is started here')),
): HookDaemon => ({
  supervisor,
  env: { PATH: process.env.PATH ?? '' },
  counts: newHookCounts(),
  log: silentLogger,
});

/** `handlers`: the methods of the test. thread/resume is added, with the turns of the rollout and of memory. */
export function createWorld(
  t: Test,
  handlers: (world: World) => Handlers = () => ({}),
  { hooks, ...options }: WorldOptions = {},
): World {
  const folder = temporaryFolder(t);
  const store = createThreadStore({ codexHome: folder, log: silentLogger });
  const touched: string[] = [];
  const callers: Caller[] = [];
  const table: Record<string, Handlers[string]> = {};
  const server = testServer(table);
  const threads = createLiveThreads({
    outbox: server,
    catalog: { touched: (id) => void touched.push(id), turnEnded: async () => null },
    runtime: threadRuntimes(store, noServers, hooks?.daemon ?? hooksDaemon()),
    log: silentLogger,
    ...options,
  });
  const world: World = {
    server,
    threads,
    store,
    folder,
    touched,
    callers,
    async start({ mode = 'paginated', ephemeral = false, cwd = folder, table = {} } = {}) {
      const meta = metaOf(mode, cwd);
      const writer = ephemeral ? null : await store.create(meta);
      const own = { hooks: { ...NO_HOOKS, runnable: hooks?.runnable ?? [] } };
      return threads.load({ id: meta.id, meta, state: { ...stateOf(cwd), table, ...own }, writer });
    },
    async join(thread, capabilities) {
      const client = await world.client(capabilities);
      await client.request('join', 'thread/resume', { threadId: thread.id });
      return client;
    },
    client: (capabilities) => initialized(server, capabilities),
    records(thread) {
      if (!thread.writer?.exists) return [];
      const lines = fs.readFileSync(thread.writer.path, 'utf8').trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line) as RolloutRecord);
    },
  };
  const resume: Handlers[string] = async (
    { threadId, afterSequence }: { threadId: string; afterSequence: number | null },
    caller,
    context,
  ) => {
    callers.push(caller);
    const thread = threads.get(threadId)!;
    const read = async () => {
      const files = thread.ephemeral ? null : await store.find(thread.id);
      if (!files) return [];
      const history = await store.history(files);
      await history.refresh();
      return history.turns(0, history.turnCount, 'full');
    };
    const joined = await joinThread(thread, { caller, context, afterSequence, read });
    const turns = withLiveTurns(joined.history, [...joined.ended, joined.running], 'full');
    return { thread: { id: thread.id, turns, status: thread.status }, ...resumeMembers(joined) };
  };
  Object.assign(table, { 'thread/resume': resume }, handlers(world));
  t.teardown(() => threads.close());
  return world;
}

export function metaOf(mode: HistoryMode, cwd: string): SessionMeta {
  const timestamp = new Date().toISOString();
  return {
    id: newId(),
    timestamp,
    cwd,
    originator: 'test',
    cli_version: '0.169.0',
    source: 'vscode',
    model_provider: 'mock',
    history_mode: mode,
  };
}

export function stateOf(cwd: string): ThreadState {
  const settings = { shellEnvironment: DEFAULT_SHELL_ENVIRONMENT, credentialNames: [] } as unknown as CommandSettings;
  return {
    wire: {
      disabledPluginIds: [],
      cwd,
      environments: null,
      approvalPolicy: 'never',
      approvalsReviewer: 'user',
      sandboxPolicy: { type: 'dangerFullAccess' },
      activePermissionProfile: null,
      model: 'mock-model',
      modelProvider: 'mock',
      serviceTier: null,
      effort: null,
      summary: null,
      collaborationMode: {
        mode: 'default',
        settings: { model: 'mock-model', reasoning_effort: null, developer_instructions: null },
      },
      multiAgentMode: 'explicitRequestOnly',
      personality: null,
    },
    profile: DANGER_FULL_ACCESS,
    runtimeWorkspaceRoots: [cwd],
    own: {},
    table: {},
    settings,
    hooks: NO_HOOKS,
    plugins: [],
    baseInstructions: null,
    developerInstructions: null,
    dynamicTools: [],
  };
}

/** An agent's message as an item. */
export const message = (id: string, text: string) =>
  ({
    type: 'agentMessage',
    moderation: null,
    id,
    text,
    phase: null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  }) as const;

/** Notifications of a client, in order, without those that tests ignore. */
export const notes = (client: MemoryClient, method?: string): Message[] =>
  client.messages.filter((entry) => entry.method && entry.id === undefined && (!method || entry.method === method));

/** The numbers of the notifications, in the order of their arrival. */
export const sequences = (client: MemoryClient): number[] =>
  client.messages.flatMap((entry) => {
    const { sequence } = entry as { sequence?: number };
    return sequence === undefined ? [] : [sequence];
  });

export const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
