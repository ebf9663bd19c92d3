/**
 * Runs the hooks of one occurrence of an event, all at the same time, and reports them in their order
 * (docs/protocol/services.md §6 "Runs").
 *
 * Threat: a guard that an administrator requires fails, and the work goes past it. Rule: at an event that can refuse
 * the work, a required hook that fails refuses it. Scope: hooks of administrators. A person's hook that fails refuses
 * nothing, as in the official program. Non-scope: an answer that allows what it should not.
 */
import type { HookEventName, HookRunSummary, HookScope } from '../../../schema/protocol/services/hooks.js';
import type { Supervisor } from '../../exec/supervisor.js';
import type { Logger } from '../../log/log.js';
import type { HookCounts } from '../../metrics/session-counts.js';
import { messageOf } from '../../errors/message-of.js';
import { contentHash } from '../../plugins/content-hash.js';
import { makeFolderForUser } from '../../system/files/private-files.js';
import { folderVariables } from '../plugin-folders.js';
import type { RunnableHook } from '../runnable-hook.js';
import { answerOf, type HookAnswer } from './hook-answer.js';
import { judge } from './judge.js';
import { runHookCommand } from './run-command.js';
import { runHookTool, type CallHookTool } from './run-tool.js';

export interface HookDaemon {
  readonly supervisor: () => Promise<Supervisor>;
  /** The daemon's environment, which hooks get whole. */
  readonly env: Readonly<Record<string, string>>;
  readonly counts: HookCounts;
  readonly log: Logger;
}

/** An occurrence of an event in a thread. */
export interface HookOccurrence {
  readonly event: HookEventName;
  /** JSON. */
  readonly input: string;
  /** Absolute. */
  readonly cwd: string;
  readonly threadId: string;
  readonly turnId: string | null;
  /** Tells runs of the same hook apart, such as the id of a call; null: nothing does. */
  readonly subject: string | null;
  /** For hooks that are tools. */
  readonly callTool: CallHookTool;
  readonly gone: AbortSignal;
}

/** Receives each run twice. */
export interface HookReport {
  started(run: HookRunSummary): void;
  completed(run: HookRunSummary): void;
}

/** One run with its answer. */
export interface HookResult {
  readonly runId: string;
  readonly hook: RunnableHook;
  readonly answer: HookAnswer;
  /** How long it ran, in milliseconds. */
  readonly ms: number;
}

/** Many more programs at once only wait for each other. */
const AT_ONCE = 32;

/** Of the hooks' answers, in the order of the hooks. Never rejects. */
export async function runHooks(
  daemon: HookDaemon,
  hooks: readonly RunnableHook[],
  occurrence: HookOccurrence,
  report: HookReport,
): Promise<readonly HookResult[]> {
  const startedAtMs = Date.now();
  const runs = hooks.map((hook) => begun(hook, occurrence, startedAtMs));
  for (const run of runs) report.started(run);
  const ended = new Array<Ended | undefined>(hooks.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < hooks.length; at = next++) {
      const hook = hooks[at];
      if (hook !== undefined) ended[at] = await runHook(daemon, hook, occurrence);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, hooks.length) }, work));
  return hooks.flatMap((hook, at) => {
    const [end, run] = [ended[at], runs[at]];
    if (end === undefined || run === undefined) return [];
    const { answer, ms } = end;
    report.completed({
      ...run,
      status: answer.status,
      completedAt: Math.floor((startedAtMs + ms) / 1000),
      durationMs: ms,
      entries: [...answer.entries],
    });
    return [{ runId: run.id, hook, answer, ms }];
  });
}

interface Ended {
  readonly answer: HookAnswer;
  readonly ms: number;
}

/** One hook without a report, as those are that nobody waits for. Never rejects. */
export async function runHook(daemon: HookDaemon, hook: RunnableHook, occurrence: HookOccurrence): Promise<Ended> {
  const { event, input, cwd, threadId, turnId, gone } = occurrence;
  const { timeoutSec } = hook;
  const from = performance.now();
  const changed = whyNotRun(hook);
  const end =
    changed !== null
      ? { kind: 'notRun' as const, why: changed }
      : hook.handlerType === 'mcpTool'
        ? await runHookTool(hook, occurrence)
        : await runHookCommand(daemon.supervisor, {
            command: hook.command,
            cwd,
            env: hook.plugin === null ? daemon.env : { ...daemon.env, ...folderVariables(hook.plugin) },
            input,
            timeoutSec,
            threadId,
            turnId,
            gone,
          });
  const ms = Math.round(performance.now() - from);
  const answer = guarded(hook, event, judge(event, end, timeoutSec));
  const status = end.kind === 'cancelled' ? 'cancelled' : answer.status;
  daemon.counts.runs[status]++;
  daemon.counts.ms += ms;
  const failure = answer.entries.find(({ kind }) => kind === 'error');
  daemon.log[answer.status === 'failed' ? 'warn' : 'info']('hook ran', {
    thread: threadId,
    ...(turnId === null ? {} : { turn: turnId }),
    hook: hook.key,
    event,
    status,
    ms,
    ...(failure === undefined ? {} : { why: failure.text.slice(0, MAX_LOGGED) }),
    ...(end.kind === 'notRun' && end.cause ? { cause: end.cause.slice(0, MAX_LOGGED) } : {}),
  });
  return { answer, ms };
}

/** The files of a plugin are part of what a person trusts. Null: the hook may run. */
function whyNotRun({ plugin }: RunnableHook): string | null {
  if (plugin === null) return null;
  try {
    if (contentHash(plugin.root) !== plugin.contentHash) return 'plugin contents changed; hook approval required';
    makeFolderForUser(plugin.data);
    return null;
  } catch (error) {
    return `the plugin of the hook cannot be read: ${messageOf(error)}`;
  }
}

/** Of what a hook said, in characters. */
const MAX_LOGGED = 500;

/** Events whose hooks can refuse the work. */
const GUARDING: ReadonlySet<HookEventName> = new Set([
  'userPromptSubmit',
  'preToolUse',
  'permissionRequest',
  'postToolUse',
  'preCompact',
  'sessionStart',
]);

function guarded({ isManaged, key }: RunnableHook, event: HookEventName, answer: HookAnswer): HookAnswer {
  if (!isManaged || answer.status !== 'failed' || !GUARDING.has(event)) return answer;
  const why = answer.entries.findLast(({ kind }) => kind === 'error')?.text ?? 'it failed';
  const reason = `a hook that the administrator of this machine requires has failed (${key}): ${why}`;
  return answerOf('blocked', [...answer.entries, { kind: 'feedback', text: reason }], { reason });
}

const KEBAB = (event: HookEventName): string => event.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What an event belongs to: a thread's life, or a turn. */
const scopeOf = (event: HookEventName): HookScope =>
  event === 'sessionStart' || event === 'sessionEnd' ? 'thread' : 'turn';

function begun(hook: RunnableHook, { event, subject }: HookOccurrence, startedAtMs: number): HookRunSummary {
  const { handlerType, displayOrder, sourcePath, source, statusMessage } = hook;
  const id = [KEBAB(event), displayOrder, sourcePath, ...(subject === null ? [] : [subject])].join(':');
  return {
    id,
    eventName: event,
    handlerType,
    executionMode: 'sync',
    scope: scopeOf(event),
    sourcePath,
    source,
    displayOrder,
    status: 'running',
    statusMessage,
    startedAt: Math.floor(startedAtMs / 1000),
    completedAt: null,
    durationMs: null,
    entries: [],
  };
}
