/** One thread that a call of the MCP client started or continued, with the ends of its turns. */
import type { RequestId } from '@modelcontextprotocol/server';
import type { NotificationParams } from '../../../schema/registry.js';
import { BoundedMap } from '../../system/node/bounded-map.js';
import { changesOf, type LegacyMessage } from './events/legacy-item.js';
import { createStartupSummary } from './events/startup-summary.js';
import { taskComplete } from './events/thread-events.js';

export type TurnEnd =
  | { readonly kind: 'completed'; readonly text: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'interrupted' };

export interface Session {
  readonly threadId: string;
  /** The call that events belong to: the latest one. */
  owner: RequestId;
  /** A sentence for the caller, beside the text of the model. */
  note(text: string): void;
  /** The notes since the last time. */
  takeNotes(): readonly string[];
  /** Resolves when the turn ends, also if it has ended already. */
  ended(turnId: string): Promise<TurnEnd>;
  changesOf(itemId: string): object;
  seen: SessionObserver;
  /** The server of the thread is gone. */
  lost(message: string): void;
}

/** What the session learns from notifications; each returns the events that follow from it. */
export interface SessionObserver {
  mcpStatus(status: NotificationParams<'mcpServer/startupStatus/updated'>): readonly LegacyMessage[];
  turnStarted(): readonly LegacyMessage[];
  item(params: NotificationParams<'item/started' | 'item/completed'>): void;
  turnCompleted(params: NotificationParams<'turn/completed'>): readonly LegacyMessage[];
}

interface TurnState {
  lastMessage: string | null;
  readonly end: Promise<TurnEnd>;
  readonly settle: (end: TurnEnd) => void;
}

/** The turns whose end somebody may still ask for, and the patches whose approval may still be asked. */
const REMEMBERED = 32;

export function createSession(threadId: string, owner: RequestId): Session {
  const running = new Set<string>();
  const turns = new BoundedMap<string, TurnState>(REMEMBERED, (id) => running.has(id));
  const patches = new BoundedMap<string, object>(REMEMBERED);
  const startup = createStartupSummary();
  let notes: string[] = [];
  let loss: string | null = null;

  const turn = (id: string): TurnState => {
    const known = turns.get(id);
    if (known !== undefined) return known;
    let settle: (end: TurnEnd) => void = () => {};
    const end = new Promise<TurnEnd>((resolve) => (settle = resolve));
    const state: TurnState = { lastMessage: null, end, settle };
    running.add(id);
    turns.set(id, state);
    if (loss !== null) finish(id, { kind: 'failed', message: loss });
    return state;
  };
  const finish = (id: string, end: TurnEnd): void => {
    turn(id).settle(end);
    running.delete(id);
  };

  return {
    threadId,
    owner,
    note: (text) => void notes.push(text),
    takeNotes() {
      const taken = notes;
      notes = [];
      return taken;
    },
    ended: (turnId) => turn(turnId).end,
    changesOf: (itemId) => patches.get(itemId) ?? {},
    seen: {
      mcpStatus: (status) => listOf(startup.update(status)),
      turnStarted: () => listOf(startup.known()),
      item({ turnId, item }) {
        if (item.type === 'agentMessage') turn(turnId).lastMessage = item.text;
        if (item.type === 'fileChange') patches.set(item.id, changesOf(item));
      },
      turnCompleted({ turn: ended }) {
        const { lastMessage } = turn(ended.id);
        const { status, error = null } = ended;
        if (status === 'interrupted') finish(ended.id, { kind: 'interrupted' });
        else if (error !== null) finish(ended.id, { kind: 'failed', message: error.message });
        else finish(ended.id, { kind: 'completed', text: lastMessage ?? '' });
        return status === 'completed' ? [taskComplete(ended, lastMessage)] : [];
      },
    },
    lost(message) {
      loss = message;
      for (const id of [...running]) finish(id, { kind: 'failed', message });
    },
  };
}

const listOf = (message: LegacyMessage | null): readonly LegacyMessage[] => (message === null ? [] : [message]);
