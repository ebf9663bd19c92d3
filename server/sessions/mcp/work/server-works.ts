/**
 * What an MCP server on a network lane works for: one call at a time (docs/protocol/services.md §7, "Permissions").
 *
 * Threat: a refused network request ends another call than the one for which it was made, or none.
 * Rule: a server on a lane works for one call after the other, so at every moment at most one call can be the cause of
 * a request. The refusal is recorded before the server receives it, and ends that call. A call that ends without an
 * answer keeps its place until the server has answered it all the same, or has been quiet for a second: its further
 * requests are its own, and ask nobody. A request outside of every call is refused when no rule and no approval for the
 * session allows it; a warning reports it, and it ends nothing.
 * Scope: calls of tools, and everything else that is asked of a server after its start.
 * Non-scope: a server that sends requests in the background, or that works longer than that for a call which was
 * cancelled: such a request counts for the call that runs when it arrives. It is refused like any other.
 */
import type { CommandOwner, NetworkDenial } from '../../../network-approval/registration/denial.js';
import type { Prompter } from '../../../network-approval/registration/prompter.js';
import type { SessionMemory } from '../../../network-approval/registration/session-memory.js';
import type { Work } from '../../../network-approval/registration/work.js';
import { untilAborted } from '../../../system/node/until-aborted.js';
import type { CallWork, Unanswered } from '../shape/connection.js';

export interface ServerWorksOptions {
  /** Of the server; calls add their turn and item. */
  readonly owner: CommandOwner;
  /** What was approved for the session of the thread; null: there is none. */
  readonly memory: SessionMemory | null;
  /** A request was refused that belongs to no call. */
  readonly stray: (denial: NetworkDenial) => void;
}

export interface ServerWorks {
  /** For the registration of the server's process. */
  now(): Work;
  /** Waits until the server works for nobody else. Rejects with the signal's reason. */
  begin(call: CallWork | null, signal: AbortSignal): Promise<RunningWork>;
  /** The server has ended: nobody waits for it. */
  close(): void;
}

export interface RunningWork {
  /** Aborted with the first refused request. */
  readonly refused: AbortSignal;
  readonly denial: NetworkDenial | null;
  /** The server has answered. The next work begins. */
  end(): void;
  /** The server has not answered. The next work begins when it has, or when it is quiet. */
  leave(requests: Unanswered): Promise<void>;
}

/** Without a request for so long, a server does no more for a call that was cancelled; in milliseconds. */
const QUIET_MS = 1_000;
/** A server that never stops to send requests for it keeps later calls waiting for so long; in milliseconds. */
const MAX_LEFT_MS = 10_000;

const DENIED = new Error('a network request of the MCP server was refused');
const OVER = new Error('the call of the MCP server is over');

export function createServerWorks({ owner, memory, stray }: ServerWorksOptions): ServerWorks {
  const gone = new AbortController();
  const quiet: Prompter | null =
    memory === null ? null : { memory, offers: () => [], ask: () => Promise.resolve(null) };
  const idle: Work = { id: 0, owner, prompter: quiet, over: new AbortController().signal, denied: stray };
  let last: Promise<void> = Promise.resolve();
  let ids = 0;
  let current: Work = idle;
  let requestAt = 0;

  const workOf = (call: CallWork | null, free: () => void): Work & RunningWork => {
    const [over, refused] = [new AbortController(), new AbortController()];
    let denial: NetworkDenial | null = null;
    let state: 'running' | 'left' | 'over' = 'running';
    const become = (next: 'left' | 'over'): void => {
      state = next;
      over.abort(OVER);
      if (next === 'left') return;
      if (current === work) current = idle;
      free();
    };
    const work: Work & RunningWork = {
      id: ++ids,
      owner: owner.kind === 'thread' ? { ...owner, turnId: call?.turnId ?? null, itemId: call?.itemId ?? null } : owner,
      prompter: call === null ? quiet : waiting(call),
      over: over.signal,
      refused: refused.signal,
      get denial() {
        return denial;
      },
      denied(found) {
        if (state === 'over') return stray(found);
        if (state === 'left' || denial !== null) return;
        denial = found;
        refused.abort(DENIED);
        over.abort(OVER);
      },
      end: () => become('over'),
      async leave(requests) {
        become('left');
        await settled(requests.all());
        requests.forget();
        become('over');
      },
    };
    return work;
  };

  /** Never rejects. */
  const settled = async (answered: Promise<void>): Promise<void> => {
    const since = performance.now();
    requestAt = since;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<void>((resolve) => {
      const look = (): void => {
        const now = performance.now();
        const left = Math.min(requestAt + QUIET_MS, since + MAX_LEFT_MS) - now;
        if (left <= 0) resolve();
        else timer = setTimeout(look, left).unref();
      };
      look();
    });
    await untilAborted(Promise.race([answered, silence]), gone.signal).catch(() => undefined); // only `gone` rejects
    clearTimeout(timer);
  };

  return {
    now() {
      requestAt = performance.now();
      return current;
    },
    async begin(call, signal) {
      const before = last;
      let free = (): void => {};
      last = new Promise((resolve) => (free = resolve));
      call?.waits(true);
      try {
        await untilAborted(before, signal);
      } catch (error) {
        void before.then(free);
        throw error;
      } finally {
        call?.waits(false);
      }
      const work = workOf(call, free);
      current = work;
      return work;
    },
    close: () => gone.abort(OVER),
  };
}

/** The call's time does not run while its prompter waits for a person. */
function waiting({ prompter, waits }: CallWork): Prompter | null {
  if (prompter === null) return null;
  return {
    ...prompter,
    async ask(prompt, offered, signal) {
      waits(true);
      try {
        return await prompter.ask(prompt, offered, signal);
      } finally {
        waits(false);
      }
    },
  };
}
