import type { Client } from './client.js';
import { ClientClosedError, ConnectionLostError } from './errors.js';
import type { Dispose } from './handlers.js';
import type { NotificationParams, RequestResult, ServerNotificationMethod } from '../../schema/registry.js';

/**
 * A capability for `capabilities.extensions`. A client that declares it may list and watch the commands and questions
 * of every client, and act on them where the configuration of the daemon allows it (docs/protocol-extensions.md,
 * "Operators").
 */
export const OPERATOR_CAPABILITY = 'codexd/operator';

export type OperatorCommand = RequestResult<'operator/commands/list'>['data'][number];
export type OperatorConnection = RequestResult<'operator/connections/list'>['data'][number];
export type OperatorDecision = RequestResult<'network/decisions/list'>['data'][number];
export type OperatorPrompt = RequestResult<'operator/prompts/list'>['data'][number];

/** What is watched: only what has a callback is listed. */
export interface OperatorWatch {
  /** All commands that the daemon lists: the running ones, and the last that ended. */
  readonly onCommands?: (commands: readonly OperatorCommand[]) => void;
  /** All open questions. */
  readonly onPrompts?: (prompts: readonly OperatorPrompt[]) => void;
  /** All clients. */
  readonly onConnections?: (connections: readonly OperatorConnection[]) => void;
  /**
   * Decisions that have not been passed to it before, oldest first. The first call has those that the daemon still
   * stores.
   */
  readonly onDecisions?: (decisions: readonly OperatorDecision[]) => void;
  /** A list failed, for example because the configuration allows no operators. Not called for a lost connection. */
  readonly onError: (error: Error) => void;
}

/**
 * Follows the whole daemon with a client that declared OPERATOR_CAPABILITY: lists everything, passes each change on,
 * and lists again after a reconnect and after notifications were left out (`operator/lagged`). Ends with the returned
 * function.
 */
export function watchOperator(client: Watched, watch: OperatorWatch): Dispose {
  const parts: Part[] = [];
  const { onCommands, onPrompts, onConnections, onDecisions, onError } = watch;
  if (onCommands !== undefined) parts.push(commands(client, onCommands, onError));
  if (onPrompts !== undefined) parts.push(prompts(client, onPrompts, onError));
  if (onConnections !== undefined) parts.push(connections(client, onConnections, onError));
  if (onDecisions !== undefined) parts.push(decisions(client, onDecisions, onError));
  const listAll = (): void => {
    for (const { again } of parts) again();
  };
  const ends = [
    client.onNotification('operator/lagged', listAll),
    client.onState((state) => {
      if (state.kind === 'connected') listAll();
    }),
    ...parts.map(({ end }) => end),
  ];
  listAll();
  return () => {
    for (const end of ends) end();
  };
}

type Watched = Pick<Client, 'onNotification' | 'onState' | 'request'>;
type OnError = (error: Error) => void;

interface Part {
  readonly again: () => void;
  readonly end: Dispose;
}

function commands(client: Watched, show: NonNullable<OperatorWatch['onCommands']>, onError: OnError): Part {
  let known = new Map<string, OperatorCommand>();
  return follow(onError, {
    list: async () => (await client.request('operator/commands/list', {})).data,
    shown: (data) => {
      known = new Map(data.map((command) => [command.commandId, command]));
      show([...known.values()]);
    },
    changes: (change) => [
      on(client, 'operator/commands/changed', change, ({ data }) => {
        for (const command of data) known.set(command.commandId, command);
        forgetEnded(known);
        show([...known.values()]);
      }),
    ],
  });
}

/** The daemon lists the last twenty that ended. */
const KEPT_ENDED = 20;

function forgetEnded(known: Map<string, OperatorCommand>): void {
  const ended = [...known.values()].filter(({ state }) => state === 'ended');
  ended.sort((a, b) => (b.end?.endedAtMs ?? 0) - (a.end?.endedAtMs ?? 0));
  for (const { commandId } of ended.slice(KEPT_ENDED)) known.delete(commandId);
}

function prompts(client: Watched, show: NonNullable<OperatorWatch['onPrompts']>, onError: OnError): Part {
  let open = new Map<string, OperatorPrompt>();
  return follow(onError, {
    list: async () => (await client.request('operator/prompts/list', {})).data,
    shown: (data) => {
      open = new Map(data.map((prompt) => [prompt.promptId, prompt]));
      show([...open.values()]);
    },
    changes: (change) => [
      on(client, 'operator/prompts/opened', change, ({ prompt }) => {
        open.set(prompt.promptId, prompt);
        show([...open.values()]);
      }),
      on(client, 'operator/prompts/settled', change, ({ promptId }) => {
        if (open.delete(promptId)) show([...open.values()]);
      }),
    ],
  });
}

function connections(client: Watched, show: NonNullable<OperatorWatch['onConnections']>, onError: OnError): Part {
  return follow(onError, {
    list: async () => (await client.request('operator/connections/list', {})).data,
    shown: show,
    changes: (_change, again) => [client.onNotification('operator/connections/changed', again)],
  });
}

function decisions(client: Watched, show: NonNullable<OperatorWatch['onDecisions']>, onError: OnError): Part {
  let cursor: string | null = null;
  /** The number of the last one that was passed on. */
  let last = 0;
  const pass = (data: readonly OperatorDecision[]): void => {
    const fresh = data.filter(({ sequence }) => sequence > last);
    last = fresh.at(-1)?.sequence ?? last;
    if (fresh.length > 0) show(fresh);
  };
  return follow(onError, {
    async list() {
      const found: OperatorDecision[] = [];
      for (let from = cursor; ;) {
        const params = { cursor: from, sortDirection: 'asc', limit: PAGE } as const;
        const page = await client.request('network/decisions/list', params);
        // Another daemon counts from the beginning.
        if (page.restarted) last = 0;
        from = page.latestCursor;
        found.push(...page.data);
        if (page.nextCursor !== null) continue;
        cursor = from;
        return found;
      }
    },
    shown: pass,
    changes: (change, again) => [
      on(client, 'operator/network/decided', change, ({ data, dropped }) => {
        const first = data.find(({ sequence }) => sequence > last);
        const complete = dropped === 0 && (first === undefined || first.sequence === last + 1);
        if (complete) pass(data);
        else again();
      }),
    ],
  });
}

/** Decisions of one request. */
const PAGE = 1000;

type Change = (apply: () => void) => void;

interface Followed<T> {
  readonly list: () => Promise<readonly T[]>;
  readonly shown: (data: readonly T[]) => void;
  /** Registers what changes the list. What comes while a list is fetched is applied to that list. */
  readonly changes: (change: Change, again: () => void) => readonly Dispose[];
}

/** At most one list at a time: what is asked for meanwhile is one more list afterwards. */
function follow<T>(onError: OnError, { list, shown, changes }: Followed<T>): Part {
  let lists = false;
  let wanted = false;
  let ended = false;
  let waiting: (() => void)[] = [];
  const run = async (): Promise<void> => {
    lists = true;
    do {
      wanted = false;
      try {
        const data = await list();
        if (ended) return;
        shown(data);
      } catch (error) {
        // The next connection lists again, and the state of the client says that there is none.
        const gone = error instanceof ConnectionLostError || error instanceof ClientClosedError;
        if (!ended && !gone) onError(error as Error);
      }
      const applied = waiting;
      waiting = [];
      for (const apply of applied) if (!ended) apply();
    } while (wanted && !ended);
    lists = false;
  };
  const again = (): void => {
    wanted = true;
    if (!lists) void run();
  };
  const change: Change = (apply) => {
    if (lists) waiting.push(apply);
    else apply();
  };
  const disposals = changes(change, again);
  return {
    again,
    end() {
      ended = true;
      for (const dispose of disposals) dispose();
    },
  };
}

function on<M extends ServerNotificationMethod>(
  client: Watched,
  method: M,
  change: Change,
  apply: (params: NotificationParams<M>) => void,
): Dispose {
  return client.onNotification(method, (params) => change(() => apply(params)));
}
