/**
 * Creates the hooks of a loaded thread.
 *
 * Threat: a hook that nobody has trusted decides about a turn; a hook that outlives its thread. Rule: only the hooks of
 * the thread's state run, which were judged when they were read. Closing the part ends every program. Non-scope: who
 * may write the configuration (hooks/discover).
 */
import type { HookEventName, HookRunSummary } from '../../../schema/protocol/services/hooks.js';
import { matches } from '../../hooks/run/matcher.js';
import type { HookAnswer } from '../../hooks/run/hook-answer.js';
import { runHook, runHooks, type HookDaemon, type HookOccurrence } from '../../hooks/run/run-hooks.js';
import type { RunnableHook } from '../../hooks/runnable-hook.js';
import type { RuntimeSource } from '../live/live-thread.js';
import type { McpServers } from '../mcp/mcp-servers.js';
import type { HookSubject, HookTurn, SessionBegin, ThreadHooks } from '../runtime/thread-runtime.js';
import { hookTools } from './call-hook-tool.js';
import { hookInput } from './hook-input.js';

const isAsync = (hook: RunnableHook): boolean => hook.handlerType === 'command' && hook.async;

/** The only reason of a session's end that the protocol has. */
const REASON = 'other';

/** `servers`: those of the thread, for hooks that are tools. */
export function createThreadHooks(
  thread: RuntimeSource,
  daemon: HookDaemon,
  servers: McpServers,
  begun: SessionBegin,
): ThreadHooks {
  const closing = new AbortController();
  let late: HookAnswer[] = [];
  let running = 0;

  const all = (): readonly RunnableHook[] => (closing.signal.aborted ? [] : thread.state.hooks.runnable);
  const callTool = hookTools(thread.id, servers);
  const report = (turnId: string | null) => {
    const tell = (method: 'hook/started' | 'hook/completed') => (run: HookRunSummary) =>
      thread.events.notify(method, { threadId: thread.id, turnId, run });
    return { started: tell('hook/started'), completed: tell('hook/completed') };
  };
  const occurrenceOf = (event: HookEventName, about: HookSubject, turn: HookTurn | null): HookOccurrence => ({
    event,
    input: JSON.stringify(hookInput(thread, event, about.input, turn?.id ?? null)),
    cwd: thread.state.wire.cwd,
    threadId: thread.id,
    turnId: turn?.id ?? null,
    subject: about.id ?? null,
    callTool,
    gone: turn?.signal === null || turn === null ? closing.signal : AbortSignal.any([closing.signal, turn.signal]),
  });
  /** Its answer comes with a later request of the model, if it comes at all. */
  const runAlone = async (hook: RunnableHook, occurrence: HookOccurrence): Promise<void> => {
    const { answer } = await runHook(daemon, hook, { ...occurrence, gone: closing.signal });
    if (answer.status !== 'failed' && !closing.signal.aborted) late.push(answer);
  };

  return {
    begun,
    has: (event) => all().some(({ eventName }) => eventName === event),
    async run(event, about, turn) {
      const { names, except = [] } = about;
      const hooks = all()
        .filter((hook) => hook.eventName === event && matches(hook, names))
        .filter((hook) => except.length === 0 || !matches(hook, except));
      if (hooks.length === 0) return [];
      const occurrence = occurrenceOf(event, about, turn);
      running++;
      try {
        for (const hook of hooks.filter(isAsync)) void runAlone(hook, occurrence);
        const waited = hooks.filter((hook) => !isAsync(hook));
        return await runHooks(daemon, waited, occurrence, report(occurrence.turnId));
      } finally {
        running--;
      }
    },
    takeLate: () => late.splice(0),
    async end() {
      if (closing.signal.aborted) return;
      if (this.has('sessionEnd')) await this.run('sessionEnd', { names: [REASON], input: { reason: REASON } }, null);
    },
    get held() {
      return closing.signal.aborted ? 0 : late.length + running;
    },
    close() {
      closing.abort(new Error('the thread is unloaded'));
      this.begun = null;
      late = [];
    },
  };
}
