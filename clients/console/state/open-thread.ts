/** One thread that is open in the page: its timeline, and what a person may do with it. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { NotificationParams, RequestResult } from '../../../schema/registry.js';
import type { Server } from '../connection/server.js';
import type { Thread } from './threads.js';
import { apply, EMPTY, fromTurns, type Timeline } from './timeline.js';

type Settings = Pick<
  RequestResult<'thread/resume'>,
  'model' | 'modelProvider' | 'approvalPolicy' | 'sandbox' | 'activePermissionProfile' | 'cwd'
>;

export interface OpenThread {
  readonly id: string;
  readonly thread: ReadonlySignal<Thread | null>;
  readonly timeline: ReadonlySignal<Timeline>;
  readonly archived: ReadonlySignal<boolean>;
  /** Null: the thread is only read, and not subscribed to. */
  readonly settings: ReadonlySignal<Settings | null>;
  /** A new connection: catches up with what was missed, or starts again from the server's state. */
  reconnected(): Promise<void>;
  /** Loads a stored thread, so that it can continue. */
  resume(): Promise<void>;
  /** Starts a turn, or adds to the running one. */
  send(text: string): Promise<void>;
  interrupt(): Promise<void>;
  /** The id of the new thread. */
  fork(): Promise<string>;
  archive(): Promise<void>;
  unarchive(): Promise<void>;
  close(): void;
}

/** Opens a thread: follows it if it is loaded, else only reads it, because loading is for continuing. */
export async function openThread(server: Server, id: string): Promise<OpenThread> {
  const { opened, show } = followThread(server, id);
  const { thread } = await server.request('thread/read', { threadId: id });
  if (thread.status.type === 'notLoaded') {
    show((await server.request('thread/read', { threadId: id, includeTurns: true })).thread);
    return opened;
  }
  // A thread without a message cannot be resumed yet: it is followed when its first turn starts.
  await opened.resume().catch(() => show(thread));
  return opened;
}

/** Follows the thread that this page has started. */
export function followStarted(server: Server, started: RequestResult<'thread/start'>): OpenThread {
  const { opened, adopt } = followThread(server, started.thread.id);
  adopt(started);
  return opened;
}

type Joined = RequestResult<'thread/start'> & Partial<Pick<RequestResult<'thread/resume'>, 'sequence' | 'caughtUp'>>;

interface Followed {
  readonly opened: OpenThread;
  /** The page only reads the thread. */
  readonly show: (thread: Thread) => void;
  /** This connection is subscribed to the thread. */
  readonly adopt: (joined: Joined) => void;
}

function followThread(server: Server, id: string): Followed {
  const thread = signal<Thread | null>(null);
  const timeline = signal<Timeline>(EMPTY);
  const settings = signal<Settings | null>(null);
  const archived = signal(false);
  let closed = false;

  // Notifications that come between a request and its answer belong after the answer's turns; the server sends them so.
  const stop = server.onEveryNotification((method, params, { sequence }) => {
    if ((params as { readonly threadId?: string } | null)?.threadId !== id) return;
    if (method === 'thread/status/changed' && thread.value !== null) {
      const { status } = params as { readonly status: Thread['status'] };
      thread.value = { ...thread.value, status };
      if (status.type === 'active' && settings.value === null) void resume().catch(() => {});
    }
    if (method === 'thread/archived' || method === 'thread/unarchived') archived.value = method === 'thread/archived';
    // Archived, deleted, or unloaded after a while without subscribers: the page only reads it from now on.
    if (method === 'thread/closed') settings.value = null;
    if (method === 'item/completed' && thread.value?.preview === '') {
      const { item } = params as NotificationParams<'item/completed'>;
      const [first] = item.type === 'userMessage' ? item.content : [];
      if (first?.type === 'text') thread.value = { ...thread.value, preview: first.text };
    }
    if (settings.value !== null) timeline.value = apply(timeline.value, method, params, sequence);
  });

  const show = ({ turns, ...rest }: Thread): void => {
    thread.value = { ...rest, turns: [] };
    // The path is the only place where a thread says it.
    archived.value = /[\\/]archived_sessions[\\/]/.test(rest.path ?? '');
    timeline.value = fromTurns(turns, null);
  };
  const adopt = (joined: Joined): void => {
    const { turns, ...rest } = joined.thread;
    thread.value = { ...rest, turns: [] };
    settings.value = joined;
    if (joined.caughtUp !== true) timeline.value = fromTurns(turns, joined.sequence ?? null);
  };
  const resume = async (): Promise<void> => adopt(await server.request('thread/resume', { threadId: id }));

  const opened: OpenThread = {
    id,
    thread,
    timeline,
    settings,
    archived,
    resume,
    reconnected: async () => {
      if (closed || settings.value === null) return;
      const after = timeline.value.sequence;
      adopt(await server.resumeThread(after === null ? { threadId: id } : { threadId: id, afterSequence: after }));
    },
    send: async (text) => {
      if (settings.value === null) await resume();
      const input = [{ type: 'text' as const, text, text_elements: [] }];
      const active = timeline.value.activeTurnId;
      if (active === null) await server.request('turn/start', { threadId: id, input });
      else await server.request('turn/steer', { threadId: id, input, expectedTurnId: active });
    },
    interrupt: async () => {
      const turnId = timeline.value.activeTurnId;
      if (turnId !== null) await server.request('turn/interrupt', { threadId: id, turnId });
    },
    fork: async () => (await server.request('thread/fork', { threadId: id, excludeTurns: true })).thread.id,
    archive: async () => void (await server.request('thread/archive', { threadId: id })),
    unarchive: async () => void (await server.request('thread/unarchive', { threadId: id })),
    close: () => {
      closed = true;
      stop();
      if (settings.value !== null) server.request('thread/unsubscribe', { threadId: id }).catch(() => {});
    },
  };
  return { opened, show, adopt };
}
