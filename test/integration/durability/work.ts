/** The load: several clients, each with threads of its own, doing everything that changes what is stored. */
import { ClientClosedError, ConnectionLostError, type Client } from '../../../clients/typescript/index.js';
import { deleteThread } from './check.js';
import { newThread, turnsOf, type Entry, type KnownThread, type Ledger, type Pending } from './ledger.js';

/** Threads a worker has before it deletes one for each that it starts. */
const KEEP = 5;
/** Longest a turn may take, in ms; they take a few milliseconds. */
const TURN_LIMIT_MS = 20_000;

export type Random = (below: number) => number;

/** The same seed makes the same choices (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

/** The connection ended while a turn ran. */
class DaemonGone extends Error {}

/** The daemon was killed, and that is all. */
export const isGone = (error: unknown): boolean =>
  error instanceof ConnectionLostError || error instanceof ClientClosedError || error instanceof DaemonGone;

export interface Worker {
  /** Does one thing after the other until `until` says so; rejects (`isGone`) when the daemon is gone. */
  run(until: () => boolean): Promise<void>;
}

export interface WorkerOptions {
  readonly client: Client;
  readonly ledger: Ledger;
  /** The threads that only this worker touches; new ones are added. */
  readonly mine: KnownThread[];
  readonly random: Random;
  /** Archived threads that are passed on: the next worker continues them. Default: none is passed on. */
  readonly pool?: KnownThread[];
  /** Default true. */
  readonly reverts?: boolean;
  /**
   * The official program: it sometimes drops a thread that it has just resumed and then blocks itself. Its forks of
   * threads that others named have no name. Default false.
   */
  readonly official?: boolean;
}

export function createWorker({
  client,
  ledger,
  mine,
  random,
  pool,
  reverts = true,
  official = false,
}: WorkerOptions): Worker {
  const ended = new Map<string, () => void>();
  const byId = (id: string): KnownThread | undefined => mine.find((thread) => thread.id === id);
  const entryOf = (threadId: string, turnId: string): Entry | undefined =>
    byId(threadId)?.entries.find((entry) => entry.turnId === turnId);

  // Reported work has been stored, whether or not its request is answered.
  client.onNotification('turn/started', ({ threadId, turn }) => {
    const thread = byId(threadId);
    if (thread?.pending?.kind !== 'say') return;
    const { text, how } = thread.pending;
    thread.entries.push({ text, kind: how, turnId: turn.id, items: [], completed: false, uncertain: false });
    thread.stored = true;
    ledger.acknowledged++;
  });
  client.onNotification('item/completed', ({ threadId, turnId, item }) => {
    entryOf(threadId, turnId)?.items.push(item);
    ledger.acknowledged++;
  });
  client.onNotification('turn/completed', ({ threadId, turn }) => {
    const entry = entryOf(threadId, turn.id);
    if (entry !== undefined) entry.completed = turn.status === 'completed';
    ended.get(threadId)?.();
  });

  async function change<T>(thread: KnownThread, pending: Pending, work: () => Promise<T>): Promise<T> {
    thread.pending = pending;
    thread.touched = true;
    const result = await work();
    thread.pending = null;
    ledger.acknowledged++;
    return result;
  }

  async function load(thread: KnownThread): Promise<void> {
    if (thread.loaded) return;
    await client.request('thread/resume', { threadId: thread.id, excludeTurns: true });
    thread.loaded = true;
  }

  async function say(thread: KnownThread, how: Entry['kind']): Promise<void> {
    const text = ledger.nextText();
    await load(thread);
    const { id: threadId } = thread;
    const padded = `${text} ${'x'.repeat(random(4) === 0 ? random(30_000) : 20)}`;
    await change(thread, { kind: 'say', text, how }, async () => {
      if (how === 'injected') {
        const content = [{ type: 'input_text', text: padded }];
        await client.request('thread/inject_items', { threadId, items: [{ type: 'message', role: 'user', content }] });
        thread.entries.push({ text, kind: how, turnId: null, items: [], completed: true, uncertain: false });
        thread.stored = true;
        return;
      }
      const end = turnEnd(threadId);
      if (how === 'shell') await client.request('thread/shellCommand', { threadId, command: `echo ${text}` });
      else await client.request('turn/start', { threadId, input: [{ type: 'text', text: padded, text_elements: [] }] });
      await end;
    });
  }

  function turnEnd(threadId: string): Promise<void> {
    const end = new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(limit);
        ended.delete(threadId);
        off();
        if (error === undefined) resolve();
        else reject(error);
      };
      const limit = setTimeout(() => settle(new Error(`the turn of ${threadId} does not end`)), TURN_LIMIT_MS);
      const off = client.onState(({ kind }) => {
        if (kind !== 'connected') settle(new DaemonGone());
      });
      ended.set(threadId, () => settle());
    });
    end.catch(() => undefined); // The request that began it may fail first.
    return end;
  }

  async function start(): Promise<void> {
    const historyMode = random(3) === 0 ? 'legacy' : 'paginated';
    const { thread } = await client.request('thread/start', { historyMode });
    mine.push(newThread(thread.id, historyMode));
    ledger.threads.set(thread.id, mine.at(-1) as KnownThread);
  }

  async function fork(source: KnownThread): Promise<void> {
    if (!source.stored) return;
    await load(source);
    ledger.unanswered++;
    const { thread } = await client.request('thread/fork', { threadId: source.id, excludeTurns: true });
    ledger.unanswered--;
    ledger.acknowledged++;
    const forked = newThread(thread.id, source.mode, source);
    mine.push(forked);
    ledger.threads.set(thread.id, forked);
    if (official) await rename(forked);
  }

  async function rename(thread: KnownThread): Promise<void> {
    const name = ledger.nextText();
    await change(thread, { kind: 'name', name }, () =>
      client.request('thread/name/set', { threadId: thread.id, name }),
    );
    Object.assign(thread, { name, stored: true });
  }

  async function move(thread: KnownThread, archived: boolean): Promise<void> {
    if (!thread.stored) return;
    await change(thread, { kind: 'move', archived }, () =>
      client.request(archived ? 'thread/archive' : 'thread/unarchive', { threadId: thread.id }),
    );
    Object.assign(thread, { archived, loaded: false });
  }

  async function revert(thread: KnownThread): Promise<void> {
    const turns = turnsOf(thread);
    const target = turns[turns.length - 1 - random(Math.min(2, turns.length))];
    if (thread.mode === 'legacy' || target === undefined || target.turnId === null) return;
    await load(thread);
    const { turnId: beforeTurnId } = target;
    const keep = thread.entries.indexOf(target);
    await change(thread, { kind: 'revert', keep }, () =>
      client.request('thread/revert', { threadId: thread.id, beforeTurnId }),
    );
    thread.entries.length = keep;
  }

  async function remove(thread: KnownThread): Promise<void> {
    if (!thread.stored) return;
    // Where the official program works too, deleting what others have forked is left out: who asks whom is not settled.
    if (pool !== undefined && hasForks(thread.id)) return;
    if (!(await change(thread, { kind: 'delete' }, () => deleteThread(client, thread.id)))) return;
    Object.assign(thread, { deleted: true, loaded: false });
    mine.splice(mine.indexOf(thread), 1);
  }

  const hasForks = (id: string): boolean =>
    [...ledger.threads.values()].some((other) => other.forkedFromId === id && (!other.deleted || hasForks(other.id)));

  async function step(): Promise<void> {
    const thread = mine[random(mine.length)];
    if (thread === undefined || (mine.length < KEEP && random(4) === 0)) return start();
    if (mine.length > KEEP && random(3) === 0) return remove(thread);
    if (pool !== undefined && random(4) === 0) {
      const taken = pool.shift();
      if (taken !== undefined) {
        mine.push(taken);
        ledger.handedOver++;
        return move(taken, false);
      }
    }
    if (thread.archived) return move(thread, false);
    const dice = random(20);
    if (dice < 6) return say(thread, 'injected');
    if (dice < 9) return say(thread, 'shell');
    if (dice < 13) return say(thread, 'message');
    if (dice < 15) return rename(thread);
    if (dice < 17) return fork(thread);
    if (dice < 18) return reverts ? revert(thread) : undefined;
    await move(thread, true);
    if (pool === undefined || !thread.archived) return;
    mine.splice(mine.indexOf(thread), 1);
    pool.push(thread);
  }

  return {
    async run(until) {
      while (!until()) {
        try {
          await step();
        } catch (error) {
          if (isGone(error)) throw error;
          const dropped = mine.find(
            ({ id }) =>
              official && new RegExp(`thread not found: ${id}|${id} already has an active`).test(String(error)),
          );
          if (dropped !== undefined) {
            Object.assign(dropped, { loaded: false, pending: null });
            continue;
          }
          const state = mine.map(({ id, mode, loaded, stored, archived, forkedFromId, pending }) =>
            JSON.stringify({ id, mode, loaded, stored, archived, forkedFromId, pending }),
          );
          throw new Error(`${client.server.userAgent}: ${String(error)}; its threads: ${state.join(' ')}`, {
            cause: error,
          });
        }
      }
    },
  };
}
