/**
 * A thread as a list of what happened: the turns of a response, then notifications, which say what is added, what grows
 * and what ends. Every change makes new objects along its path, so a view redraws only what changed.
 */
import type { NotificationParams, RequestResult } from '../../../schema/registry.js';

export type Item = NotificationParams<'item/completed'>['item'];
export type Turn = RequestResult<'turn/start'>['turn'];
type Plan = NotificationParams<'turn/plan/updated'>;
export type TokenUsage = NotificationParams<'thread/tokenUsage/updated'>['tokenUsage'];

export type Entry =
  | {
      readonly kind: 'item';
      readonly key: string;
      readonly turnId: string;
      readonly item: Item;
      readonly done: boolean;
    }
  | { readonly kind: 'turn'; readonly key: string; readonly turnId: string; readonly turn: Turn }
  | { readonly kind: 'plan'; readonly key: string; readonly turnId: string; readonly plan: Plan }
  | { readonly kind: 'note'; readonly key: string; readonly tone: 'warn' | 'bad'; readonly text: string }
  /** Notifications that this page did not get. */
  | { readonly kind: 'gap'; readonly key: string; readonly after: number; readonly missing: number };

export interface Timeline {
  readonly entries: readonly Entry[];
  /** The running turn. */
  readonly activeTurnId: string | null;
  readonly usage: TokenUsage | null;
  /** The diff of all changes of the last turn. */
  readonly turnDiff: string | null;
  /** The number of the last notification. */
  readonly sequence: number | null;
}

export const EMPTY: Timeline = { entries: [], activeTurnId: null, usage: null, turnDiff: null, sequence: null };

/** The timeline of the turns of `thread/resume` or `thread/read`. */
export function fromTurns(turns: readonly Turn[], sequence: number | null): Timeline {
  const entries = turns.flatMap((turn): Entry[] => [
    ...turn.items.map((item): Entry => ({
      kind: 'item',
      key: keyOf(turn.id, item),
      turnId: turn.id,
      item,
      done: turn.status !== 'inProgress',
    })),
    ...(turn.status === 'inProgress' ? [] : [endOf(turn)]),
  ]);
  const active = turns.find(({ status }) => status === 'inProgress');
  return { ...EMPTY, entries, activeTurnId: active?.id ?? null, sequence };
}

/** Applies a notification of this thread. */
export function apply(timeline: Timeline, method: string, params: unknown, sequence: number | null): Timeline {
  const change = CHANGES[method];
  const numbered = count(timeline, sequence);
  return change === undefined ? numbered : change(numbered, params as never);
}

type Change<M extends keyof Handled> = (timeline: Timeline, params: Handled[M]) => Timeline;
interface Handled {
  'turn/started': NotificationParams<'turn/started'>;
  'turn/completed': NotificationParams<'turn/completed'>;
  'item/started': NotificationParams<'item/started'>;
  'item/completed': NotificationParams<'item/completed'>;
  'item/agentMessage/delta': NotificationParams<'item/agentMessage/delta'>;
  'item/plan/delta': NotificationParams<'item/plan/delta'>;
  'item/reasoning/summaryTextDelta': NotificationParams<'item/reasoning/summaryTextDelta'>;
  'item/reasoning/textDelta': NotificationParams<'item/reasoning/textDelta'>;
  'item/commandExecution/outputDelta': NotificationParams<'item/commandExecution/outputDelta'>;
  'item/fileChange/patchUpdated': NotificationParams<'item/fileChange/patchUpdated'>;
  'turn/plan/updated': NotificationParams<'turn/plan/updated'>;
  'turn/diff/updated': NotificationParams<'turn/diff/updated'>;
  'thread/tokenUsage/updated': NotificationParams<'thread/tokenUsage/updated'>;
  error: NotificationParams<'error'>;
  warning: NotificationParams<'warning'>;
  guardianWarning: NotificationParams<'guardianWarning'>;
}

const CHANGES: { readonly [M in keyof Handled]: Change<M> } & Readonly<Record<string, Change<never> | undefined>> = {
  'turn/started': (timeline, { turn }) => ({ ...timeline, activeTurnId: turn.id, turnDiff: null }),
  'turn/completed': (timeline, { turn }) => ({
    ...put(timeline, endOf(turn)),
    activeTurnId: timeline.activeTurnId === turn.id ? null : timeline.activeTurnId,
  }),
  'item/started': (timeline, { turnId, item }) => putItem(timeline, turnId, item, false),
  'item/completed': (timeline, { turnId, item }) => putItem(timeline, turnId, item, true),
  'item/agentMessage/delta': (timeline, { turnId, itemId, delta }) =>
    grow(timeline, turnId, itemId, (item) =>
      item.type === 'agentMessage' ? { ...item, text: item.text + delta } : item,
    ),
  'item/plan/delta': (timeline, { turnId, itemId, delta }) =>
    grow(timeline, turnId, itemId, (item) => (item.type === 'plan' ? { ...item, text: item.text + delta } : item)),
  'item/reasoning/summaryTextDelta': (timeline, { turnId, itemId, delta, summaryIndex }) =>
    grow(timeline, turnId, itemId, (item) =>
      item.type === 'reasoning' ? { ...item, summary: append(item.summary, summaryIndex, delta) } : item,
    ),
  'item/reasoning/textDelta': (timeline, { turnId, itemId, delta, contentIndex }) =>
    grow(timeline, turnId, itemId, (item) =>
      item.type === 'reasoning' ? { ...item, content: append(item.content, contentIndex, delta) } : item,
    ),
  'item/commandExecution/outputDelta': (timeline, { turnId, itemId, delta }) =>
    grow(timeline, turnId, itemId, (item) =>
      item.type === 'commandExecution'
        ? { ...item, aggregatedOutput: ((item.aggregatedOutput ?? '') + delta).slice(-MOST_OUTPUT) }
        : item,
    ),
  'item/fileChange/patchUpdated': (timeline, { turnId, itemId, changes }) =>
    grow(timeline, turnId, itemId, (item) => (item.type === 'fileChange' ? { ...item, changes } : item)),
  'turn/plan/updated': (timeline, plan) =>
    put(timeline, { kind: 'plan', key: `${plan.turnId} plan`, turnId: plan.turnId, plan }),
  'turn/diff/updated': (timeline, { diff }) => ({ ...timeline, turnDiff: diff }),
  'thread/tokenUsage/updated': (timeline, { tokenUsage }) => ({ ...timeline, usage: tokenUsage }),
  error: (timeline, { error, willRetry }) =>
    note(timeline, willRetry ? 'warn' : 'bad', willRetry ? `${error.message} (tries again)` : error.message),
  warning: (timeline, { message }) => note(timeline, 'warn', message),
  guardianWarning: (timeline, { message }) => note(timeline, 'warn', message),
};

/** Of the output of one command that runs, in characters; the whole is in the item when it ends. */
const MOST_OUTPUT = 200_000;

/** Items of different turns may have the same id. */
const keyOf = (turnId: string, { type, id }: Pick<Item, 'type' | 'id'>): string => `${turnId} ${type} ${id}`;

const endOf = (turn: Turn): Entry => ({ kind: 'turn', key: `${turn.id} end`, turnId: turn.id, turn });

function putItem(timeline: Timeline, turnId: string, item: Item, done: boolean): Timeline {
  return put(timeline, { kind: 'item', key: keyOf(turnId, item), turnId, item, done });
}

/** Replaces the entry with this key, or adds it. Changes come to the last entries, so the search starts there. */
function put(timeline: Timeline, entry: Entry): Timeline {
  const index = timeline.entries.findLastIndex(({ key }) => key === entry.key);
  const entries = index < 0 ? [...timeline.entries, entry] : timeline.entries.with(index, entry);
  return { ...timeline, entries };
}

function grow(timeline: Timeline, turnId: string, itemId: string, change: (item: Item) => Item): Timeline {
  const index = timeline.entries.findLastIndex(
    (entry) => entry.kind === 'item' && entry.turnId === turnId && entry.item.id === itemId,
  );
  const entry = timeline.entries[index];
  if (entry?.kind !== 'item') return timeline;
  return { ...timeline, entries: timeline.entries.with(index, { ...entry, item: change(entry.item) }) };
}

function append(parts: readonly string[], index: number, delta: string): string[] {
  const grown = [...parts];
  while (grown.length <= index) grown.push('');
  grown[index] += delta;
  return grown;
}

const note = (timeline: Timeline, tone: 'warn' | 'bad', text: string): Timeline =>
  put(timeline, { kind: 'note', key: `note ${timeline.entries.length}`, tone, text });

/** The numbers of a thread grow by one; a jump is something that this page did not get. */
function count(timeline: Timeline, sequence: number | null): Timeline {
  if (sequence === null) return timeline;
  const last = timeline.sequence;
  const counted = { ...timeline, sequence: last === null ? sequence : Math.max(last, sequence) };
  if (last === null || sequence <= last + 1) return counted;
  return put(counted, { kind: 'gap', key: `gap ${sequence}`, after: last, missing: sequence - last - 1 });
}

const TONES: Readonly<Record<string, 'active' | 'good' | 'bad' | 'warn'>> = {
  inProgress: 'active',
  completed: 'good',
  failed: 'bad',
  declined: 'warn',
  interrupted: 'warn',
};
/** How a status of an item or a turn looks, and its word. */
export const toneOf = (status: string): 'active' | 'good' | 'bad' | 'warn' | 'plain' => TONES[status] ?? 'plain';
export const wordsOf = (status: string): string => (status === 'inProgress' ? 'running' : status);
