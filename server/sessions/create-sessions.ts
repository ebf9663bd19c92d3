/** Threads of one daemon: the store, the catalog, what is loaded, and the handlers on top of them. */
import type { RuleBook } from '../config/rules/rule-book.js';
import type { Supervisor } from '../exec/supervisor.js';
import type { Logger } from '../log/log.js';
import type { HandlerTable } from '../rpc/connection/caller.js';
import { invalidRequest } from '../errors/rpc-error.js';
import type { FeatureScope } from '../config/handlers/experimental-feature.js';
import type { ConfigService } from '../config/settings/config-service.js';
import { createCatalog } from './catalog/create-catalog.js';
import { createLiveThreads } from './live/create-live-threads.js';
import { createUserShell } from './live/user-shell.js';
import { threadRuntimes } from './turn/create-thread-runtime.js';
import type { LiveCounts, LiveThreads } from './live/live-threads.js';
import { catalogHandlers } from './methods/catalog/catalog-handlers.js';
import { defaultProvider, type LifecycleDeps } from './methods/thread/lifecycle.js';
import { canonicalId } from './live/live-thread-of.js';
import { threadArchiveHandler } from './methods/thread/thread-archive.js';
import { backgroundTerminalHandlers } from './methods/turn/thread-background-terminals.js';
import { threadDeleteHandler } from './methods/thread/thread-delete.js';
import { threadForkHandler } from './methods/thread/thread-fork.js';
import { threadInjectItemsHandler } from './methods/thread/thread-inject-items.js';
import { threadItemsListHandler } from './methods/history/thread-items-list.js';
import { threadItemsReadHandler } from './methods/history/thread-items-read.js';
import { threadLoadedListHandler } from './methods/thread/thread-loaded-list.js';
import { threadReadHandler } from './methods/thread/thread-read.js';
import { threadResumeHandler } from './methods/thread/thread-resume.js';
import { threadRevertHandler } from './methods/thread/thread-revert.js';
import { threadRollbackHandler } from './methods/thread/thread-rollback.js';
import { threadSearchOccurrencesHandler } from './methods/history/thread-search-occurrences.js';
import { threadSettingsUpdateHandler } from './methods/thread/thread-settings-update.js';
import { threadShellCommandHandler } from './methods/turn/thread-shell-command.js';
import { threadStartHandler } from './methods/thread/thread-start.js';
import { threadTimelineListHandler } from './methods/history/thread-timeline-list.js';
import { threadTurnsListHandler } from './methods/history/thread-turns-list.js';
import { threadUnarchiveHandler } from './methods/thread/thread-unarchive.js';
import { threadUnsubscribeHandler } from './methods/thread/thread-unsubscribe.js';
import type { Outbox } from './live/outbox.js';
import type { SessionMethod } from './session-methods.js';
import { createTurnParts } from './create-turns.js';
import { newSessionCounts, type SessionCounts } from '../metrics/session-counts.js';
import { createThreadStore } from './store/create-thread-store.js';
import { reloadedThreadState } from './state/thread-state.js';
import type { OutputFile } from '../system/files/output-file.js';

export interface SessionsOptions {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly outbox: Outbox;
  readonly supervisor: () => Promise<Supervisor>;
  readonly rules: RuleBook;
  /** What new threads are said to come from. */
  readonly sessionSource: string;
  /** Where what models say is recorded; null: nowhere. */
  readonly recordTo: OutputFile | null;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

export interface Sessions {
  readonly handlers: Required<Pick<HandlerTable, SessionMethod>>;
  readonly threads: LiveThreads;
  /** The configuration of a loaded thread. Throws RpcError when there is none of that id. */
  threadConfig(threadId: string): FeatureScope;
  /** Loaded threads take over what their configuration says now, as far as it can change under them. */
  reload(): void;
  /** Since the daemon started, and of this moment. */
  counts(): SessionCounts & LiveCounts;
  /** Ends turns, closes files and gives locks back. */
  close(): Promise<void>;
}

/** Reads nothing yet. */
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
  const threads = createLiveThreads({
    outbox,
    catalog,
    counts,
    runtime: threadRuntimes(store),
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
    sessionSource,
    env,
    log: log.child('codexd::threads'),
  };
  const turnParts = createTurnParts({ ...deps, ...options, counts, log: log.child('codexd::turns') });
  return {
    threads,
    handlers: {
      ...lifecycle(deps),
      ...past(deps),
      ...turnParts.handlers,
      ...catalogHandlers({
        catalog,
        store,
        threads,
        outbox,
        defaultProvider: () => defaultProvider(source),
        cwd: source.sources.cwd,
        goalChanged: turnParts.goalChanged,
        startTurn: turnParts.startTurn,
        isIdle: turnParts.turns.idle,
      }),
      ...backgroundTerminalHandlers(threads),
      'thread/loaded/list': threadLoadedListHandler(threads),
      'thread/inject_items': threadInjectItemsHandler(threads),
      'thread/shellCommand': threadShellCommandHandler({ threads, shell, env }),
      'thread/unsubscribe': threadUnsubscribeHandler(threads),
    },
    threadConfig(threadId) {
      const id = canonicalId(threadId);
      const live = threads.get(id);
      if (live === null) throw invalidRequest(`thread not found: ${id}`);
      return { cwd: live.state.wire.cwd, overrides: live.state.own };
    },
    reload() {
      for (const id of threads.ids()) {
        const live = threads.get(id);
        if (live === null) continue;
        try {
          live.applySettings(reloadedThreadState(source, live.state));
        } catch (error) {
          const message = `the changed configuration was not taken over: ${(error as Error).message}`;
          live.events.notify('warning', { threadId: id, message });
        }
      }
    },
    counts: () => ({ ...counts, ...threads.counts() }),
    async close() {
      await threads.close();
      await catalog.close();
    },
  };
}

function lifecycle(deps: LifecycleDeps) {
  return {
    'thread/start': threadStartHandler(deps),
    'thread/resume': threadResumeHandler(deps),
    'thread/fork': threadForkHandler(deps),
    'thread/read': threadReadHandler(deps),
    'thread/archive': threadArchiveHandler(deps),
    'thread/unarchive': threadUnarchiveHandler(deps),
    'thread/delete': threadDeleteHandler(deps),
    'thread/revert': threadRevertHandler(deps),
    'thread/rollback': threadRollbackHandler(deps),
    'thread/settings/update': threadSettingsUpdateHandler(deps),
  };
}

function past({ store, threads }: LifecycleDeps) {
  return {
    'thread/turns/list': threadTurnsListHandler({ store, threads }),
    'thread/items/list': threadItemsListHandler({ store, threads }),
    'thread/items/read': threadItemsReadHandler({ store, threads }),
    'thread/timeline/list': threadTimelineListHandler({ store, threads }),
    'thread/searchOccurrences': threadSearchOccurrencesHandler({ store, threads }),
  };
}
