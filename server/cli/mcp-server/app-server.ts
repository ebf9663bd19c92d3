/** A codexd app-server of this program: the threads of one profile, with their events and questions. */
import { messageOf } from '../../errors/message-of.js';
import { connectStdio, type Client } from '../../../clients/typescript/index.js';
import type { RequestId } from '@modelcontextprotocol/server';
import { CODEXD_VERSION } from '../../package/package-version.js';
import { ownCommand } from '../../package/own-node.js';
import type { Elicitation } from './elicitation.js';
import type { LegacyMessage } from './events/legacy-item.js';
import { watchEvents } from './events/thread-events.js';
import { answerQuestions } from './questions.js';
import { createSession, type Session } from './session.js';

/** The MCP client, as the sessions use it. */
export interface McpPeer {
  /** It can be asked (its capability `elicitation`). */
  readonly canAsk: boolean;
  /** Rejects if it answers with an error, if the connection ends, or with the signal's reason. */
  ask(params: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown>;
  /** `codex/event`. `id`: the turn; empty: none. */
  event(about: { readonly requestId: RequestId; readonly threadId: string }, id: string, msg: LegacyMessage): void;
}

export interface AppServer {
  readonly client: Client;
  readonly closed: boolean;
  find(threadId: string): Session | null;
  /** From here on its events are sent; those that came before follow `first`. */
  open(threadId: string, owner: RequestId, first: LegacyMessage | null): Session;
  close(): Promise<void>;
}

/** `profile` null: none. `flags`: options of `codexd app-server`. Rejects with ConnectError when it does not start. */
export async function startAppServer(
  profile: string | null,
  flags: readonly string[],
  peer: McpPeer,
): Promise<AppServer> {
  const sessions = new Map<string, Session>();
  let early: { readonly threadId: string; readonly send: (session: Session) => void }[] = [];
  let closed = false;

  /** A thread reports before the answer to the request that opens it. */
  const withSession = (threadId: string, send: (session: Session) => void): void => {
    const session = sessions.get(threadId);
    if (session !== undefined) send(session);
    else early = [...early.slice(-MAX_EARLY), { threadId, send }];
  };
  const tell = (session: Session, turnId: string | null, message: LegacyMessage): void =>
    peer.event({ requestId: session.owner, threadId: session.threadId }, turnId ?? '', message);

  const [command, ...args] = ownCommand([
    'app-server',
    '--session-source',
    'mcp',
    ...flags,
    ...(profile === null ? [] : ['--config-profile', profile]),
  ]);
  const client = await connectStdio({
    command,
    args,
    // Ctrl-C ends this program, and the end of its input ends the server in order.
    ownGroup: true,
    clientInfo: { name: 'codex-mcp-server', title: 'codexd mcp-server', version: CODEXD_VERSION },
    capabilities: { experimentalApi: true },
    onStderr: (text) => void process.stderr.write(text),
    onState: (state) => {
      if (state.kind !== 'closed') return;
      closed = true;
      for (const session of sessions.values()) session.lost(GONE);
    },
  });
  // What the session knows of a turn is up to date before the client receives the event.
  client.onNotification('item/started', (params) => withSession(params.threadId, ({ seen }) => seen.item(params)));
  client.onNotification('item/completed', (params) => withSession(params.threadId, ({ seen }) => seen.item(params)));
  watchEvents(client, (threadId, turnId, message) =>
    withSession(threadId, (session) => tell(session, turnId, message)),
  );
  client.onNotification('turn/started', ({ threadId }) =>
    withSession(threadId, (session) => {
      for (const message of session.seen.turnStarted()) tell(session, null, message);
    }),
  );
  client.onNotification('mcpServer/startupStatus/updated', (status) => {
    if (typeof status.threadId !== 'string') return;
    withSession(status.threadId, (session) => {
      for (const message of session.seen.mcpStatus(status)) tell(session, null, message);
    });
  });
  client.onNotification('turn/completed', (params) =>
    withSession(params.threadId, (session) => {
      for (const message of session.seen.turnCompleted(params)) tell(session, params.turn.id, message);
    }),
  );
  answerQuestions(client, {
    changesOf: (threadId, itemId) => sessions.get(threadId)?.changesOf(itemId) ?? {},
    async ask(threadId, turnId, itemId, question, signal) {
      const session = sessions.get(threadId);
      if (session === undefined) return null;
      const refuse = (why: string): null => {
        const text = `Refused, because ${why}: ${question.message}`;
        session.note(text);
        tell(session, turnId, { type: 'warning', message: text });
        return null;
      };
      if (question.event !== null) tell(session, turnId, { ...question.event, call_id: itemId, turn_id: turnId });
      if (!peer.canAsk) return refuse('this MCP client cannot be asked (it has no `elicitation` capability)');
      try {
        return await peer.ask(elicitation(session, turnId, itemId, question), signal);
      } catch (error) {
        // Settled in another way: nobody waits for this answer any more.
        if (signal.aborted) return null;
        return refuse(`the MCP client gave no answer (${messageOf(error)})`);
      }
    },
  });

  return {
    client,
    get closed() {
      return closed;
    },
    find: (threadId) => sessions.get(threadId) ?? null,
    open(threadId, owner, first) {
      const session = createSession(threadId, owner);
      sessions.set(threadId, session);
      if (first !== null) tell(session, null, first);
      const held = early;
      early = [];
      for (const one of held) withSession(one.threadId, one.send);
      return session;
    },
    close: () => client.close(),
  };
}

/** Notifications about threads that nobody has opened. */
const MAX_EARLY = 200;
const GONE = 'The app-server ended before the turn did; the log of this program has the reason.';

const elicitation = (
  { threadId, owner }: Session,
  turnId: string | null,
  itemId: string | null,
  { message, requestedSchema, about }: Elicitation,
): Readonly<Record<string, unknown>> => ({
  message,
  requestedSchema,
  threadId,
  ...about,
  codex_mcp_tool_call_id: String(owner),
  codex_event_id: turnId ?? '',
  ...(itemId === null ? {} : { codex_call_id: itemId }),
});
