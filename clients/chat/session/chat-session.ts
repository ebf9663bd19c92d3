/**
 * One thread of a server, as a person uses it: messages, interrupts, settings, other threads, and connections that are
 * lost and restored.
 */
import { randomUUID } from 'node:crypto';
import { ConnectionLostError, ServerError, type Client } from '../../typescript/index.js';
import type { ClientParams, RequestResult } from '../../../schema/registry.js';
import { openDesk, type QuestionDesk } from '../questions/question-desk.js';
import type { ChatEvents } from './chat-events.js';
import { listen } from './listen.js';
import { openedState, type ThreadState } from './thread-state.js';

export type UserInput = NonNullable<ClientParams<'turn/start'>>['input'][number];
/** For new and for resumed threads: what the command line says. */
export type ThreadWishes = Pick<
  ClientParams<'thread/start'>,
  'cwd' | 'model' | 'sandbox' | 'approvalPolicy' | 'config'
>;

export interface ChatSession {
  readonly client: Client;
  readonly desk: QuestionDesk;
  /** Throws when no thread is open. */
  readonly state: ThreadState;
  /** Whether this session sent the message with this `clientId`. */
  isOwn(clientId: string | null | undefined): boolean;
  start(): Promise<void>;
  resume(threadId: string): Promise<void>;
  /**
   * Starts a turn, or adds to the running one. While another session is being opened, the message waits for it. After
   * a lost connection the message is sent again under its id, of which the server takes one only.
   */
  send(text: string, images: readonly UserInput[]): Promise<void>;
  /** False: no turn runs. */
  interrupt(): Promise<boolean>;
  change(settings: Omit<ClientParams<'thread/settings/update'>, 'threadId'>): Promise<void>;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly wishes: ThreadWishes;
  readonly ephemeral: boolean;
}

/** Opens no thread yet: call `start` or `resume`. */
export function createSession(client: Client, { wishes, ephemeral }: SessionOptions, events: ChatEvents): ChatSession {
  let state: ThreadState | null = null;
  const sent = new Set<string>();
  const change = (part: Partial<ThreadState>): void => {
    if (state === null) return;
    state = { ...state, ...part };
    events.stateChanged(state);
  };
  const opened = (result: RequestResult<'thread/start' | 'thread/resume'>): void => {
    // The page has the newest turn first.
    const turns = 'initialTurnsPage' in result ? [...(result.initialTurnsPage?.data ?? [])].reverse() : [];
    state = openedState(result, turns);
    events.opened(state, turns);
  };
  const now = (): ThreadState => {
    if (state === null) throw new Error('no thread is open');
    return state;
  };
  /** Another thread is being opened. Null: none is. */
  let opening: Promise<void> | null = null;
  /** The shown thread is left when the other one is open: where that fails, everything stays as it is. */
  const open = async (request: () => Promise<RequestResult<'thread/start' | 'thread/resume'>>): Promise<void> => {
    const before = state?.id;
    opening = request().then(opened);
    try {
      await opening;
    } finally {
      opening = null;
    }
    if (before !== undefined && before !== state?.id) await client.request('thread/unsubscribe', { threadId: before });
  };
  /** After a lost connection: the missed notifications, or the thread from its start. */
  const rejoin = async (): Promise<void> => {
    if (state === null) return;
    const result = await client.resumeThread({ threadId: state.id, ...RECENT });
    if (result.caughtUp === true) change({ connection: 'connected' });
    else opened(result);
    events.note('info', 'connected again');
  };
  const desk = openDesk(client, events);
  const dispose = [
    listen(
      client,
      {
        get state() {
          return state;
        },
        change,
      },
      events,
    ),
    client.onState((link) => {
      if (link.kind === 'reconnecting' && link.attempt === 1) {
        change({ connection: 'reconnecting' });
        events.note('warning', 'the connection is lost; trying again');
      }
      if (link.kind === 'closed') change({ connection: 'closed', turnId: null });
      if (link.kind !== 'connected' || !link.reconnected) return;
      rejoin().catch((error: Error) => {
        change({ connection: 'connected', turnId: null });
        events.note('error', `the session cannot be resumed: ${error.message}. /new starts another one.`);
        // Its end would never be reported.
        events.turnEnded({ status: 'failed', error: null });
      });
    }),
  ];
  return {
    client,
    desk,
    get state() {
      return now();
    },
    isOwn: (clientId) => typeof clientId === 'string' && sent.has(clientId),
    start: () => open(() => client.request('thread/start', { ...wishes, ephemeral })),
    resume(threadId) {
      // A resumed thread keeps its own folder.
      const { cwd: _own, ...others } = wishes;
      // Not resumeThread: here the history is read again, also of a thread that was shown before.
      return open(() => client.request('thread/resume', { ...others, ...RECENT, threadId }));
    },
    async send(text, images) {
      await opening?.catch((error: Error) => {
        throw new Error(`not sent, because the other session did not open: ${error.message}`);
      });
      const clientUserMessageId = randomUUID();
      sent.add(clientUserMessageId);
      const input: UserInput[] = [
        ...images,
        ...(text === '' ? [] : [{ type: 'text' as const, text, text_elements: [] }]),
      ];
      for (;;) {
        try {
          return await deliver(client, now(), { input, clientUserMessageId });
        } catch (error) {
          if (!(error instanceof ConnectionLostError)) throw error;
        }
      }
    },
    async interrupt() {
      const { id, turnId } = now();
      if (turnId === null) return false;
      await client.request('turn/interrupt', { threadId: id, turnId });
      return true;
    },
    async change(settings) {
      await client.request('thread/settings/update', { ...settings, threadId: now().id });
    },
    async close() {
      for (const undo of dispose) undo();
      desk.stop();
      await client.close();
    },
  };
}

/** The turns of an earlier session that are shown. The whole history can be large. */
const RECENT = {
  excludeTurns: true,
  initialTurnsPage: { limit: 20, sortDirection: 'desc' as const, itemsView: 'full' as const },
};

interface Message {
  readonly input: UserInput[];
  readonly clientUserMessageId: string;
}

async function deliver(client: Client, { id: threadId, turnId }: ThreadState, message: Message): Promise<void> {
  if (turnId !== null) {
    try {
      await client.request('turn/steer', { threadId, expectedTurnId: turnId, ...message });
      return;
    } catch (error) {
      // The turn has just ended, or is of a kind that takes no messages: the message gets a turn of its own.
      if (!(error instanceof ServerError)) throw error;
    }
  }
  // `turn/started` says which turn runs: when the response is handled here, the turn may have ended.
  await client.request('turn/start', { threadId, ...message });
}
