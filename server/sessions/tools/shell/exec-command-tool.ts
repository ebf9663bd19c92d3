/** exec_command: runs a command in a shell, under the turn's permissions (docs/protocol/turns.md §4, §6). */
import { modelShellArgv } from '../../../system/programs/model-shell.js';
import path from 'node:path';
import { ConfigError } from '../../../errors/config-error.js';
import { commandEnvironment } from '../../../exec/start/command-environment.js';
import { writableBy } from '../../../exec/start/writable-places.js';
import type { RuleBook } from '../../../config/rules/rule-book.js';
import { autoReview, isReviewed } from '../../approvals/auto-review.js';
import { widened, wireExtra } from '../../approvals/extra-permissions.js';
import { judge } from '../../approvals/command-approval.js';
import type { CommandToJudge } from '../../approvals/judged-command.js';
import { askHooks } from '../../hooks/permission-hooks.js';
import { unsandboxedCommand } from '../../approvals/unsandboxed-command.js';
import type { ExecSession } from '../../runtime/exec-sessions.js';
import type { ModelInfoOf } from '../../model/model-info.js';
import { commandActions } from '../../shell/command-actions.js';
import { budgetOf, type Budget } from '../../shell/model-output.js';
import { patchInCommand } from '../../shell/patch-in-command.js';
import { joinWords } from '../../shell/shell-words.js';
import type { Tool, ToolContext, ToolOutput } from '../../tool-types/tool.js';
import {
  additionalOf,
  execCommandDefinition,
  hasShell,
  readExecCommand,
  type ExecCommandArguments,
} from './exec-command-arguments.js';
import type { CommandItem } from './exec-session.js';
import { outputBudget, report } from './session-report.js';
import { marks, startCommand, whyNotStarted, type CommandStarts } from './start-command.js';
import { hookedCommand } from './hooked-command.js';
import { sandboxKept } from './turn-permissions.js';
import { lacksSandbox } from './without-sandbox.js';

export interface ExecCommandOptions extends CommandStarts {
  readonly modelInfo: ModelInfoOf;
  readonly rules: Pick<RuleBook, 'latest' | 'appendPrefixRule'>;
  /** Applies a patch that a command line contains. */
  readonly applyPatch: (
    patch: string,
    cwd: string,
    callId: string,
    context: ToolContext,
  ) => Promise<{ readonly applied: boolean; readonly text: string }>;
}

/** In milliseconds (docs/protocol/turns.md §4). */
const YIELD = { usual: 10_000, least: 250, most: 30_000 };

export function execCommand(options: ExecCommandOptions): Tool {
  return {
    name: 'exec_command',
    // A patch may be at any place of a script; after a line break, JSON has an `n` before it.
    changesFiles: ({ input }) => /apply[_-]?patch/.test(input),
    definition: (state) => (hasShell(state, options.modelInfo) ? execCommandDefinition(state) : null),
    hooked: (call, { state }) => hookedCommand(call, state.wire.cwd),
    run: (call, context) => run(options, call.callId, readExecCommand(call.input, context.state), context),
  };
}

async function run(
  options: ExecCommandOptions,
  callId: string,
  args: ExecCommandArguments,
  context: ToolContext,
): Promise<ToolOutput> {
  const { thread, turn, state, signal } = context;
  const cwd = path.resolve(state.wire.cwd, args.workdir ?? '');
  const additional = additionalOf(args, cwd);
  if (typeof additional === 'string') return additional;
  let wider = state;
  try {
    if (additional !== null) wider = widened(state, additional);
  } catch (error) {
    if (error instanceof ConfigError) return `exec_command failed: ${error.message}`;
    throw error;
  }
  const patch = patchInCommand(args.cmd, cwd);
  if (patch !== null) return 'problem' in patch ? patch.problem : applyPatchOf(options, patch, callId, context);

  const kept = args.sandbox_permissions === 'require_escalated' ? sandboxKept(state) : null;
  if (kept !== null) return `exec_command failed: ${kept}`;

  const loginAllowed = state.table.allow_login_shell !== false;
  if (args.login === true && !loginAllowed)
    return 'login shell is disabled by config; omit `login` or set it to false.';
  const argv = modelShellArgv(args.cmd, args.shell, args.login ?? loginAllowed);
  const actions = commandActions(args.cmd, cwd);
  const tty = args.tty === true;
  const id = thread.runtime.execSessions.newId();
  const item: CommandItem = {
    type: 'commandExecution',
    id: callId,
    pluginId: null,
    scriptPath: null,
    command: joinWords(argv),
    cwd,
    processId: String(id),
    source: 'unifiedExecStartup',
    status: 'inProgress',
    commandActions: actions,
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  };
  const waiting: CommandItem = { ...item, source: 'agent', processId: null };
  const command: CommandToJudge = {
    itemId: callId,
    argv,
    script: args.cmd,
    cwd,
    tty,
    actions,
    escalate: args.sandbox_permissions === 'require_escalated',
    lacksSandbox: additional === null && lacksSandbox(state),
    justification: args.justification,
    additional: additional === null ? null : wireExtra(additional),
    prefixRule: args.prefix_rule,
  };
  const verdict = await judge(command, {
    thread,
    turn,
    state,
    approved: thread.runtime.approvals,
    rules: options.rules,
    signal,
    unsandboxedCommand: (judged, script, { executables }) =>
      unsandboxedCommand({
        argv: judged.argv,
        script,
        cwd: judged.cwd,
        env: commandEnvironment(state.settings, options.env, marks(thread, callId), false),
        executables,
        explicit: state.settings.codexd.rulesWithoutSandbox,
        mayChange: writableBy(
          { profile: wider.profile, workspaceRoots: [state.wire.cwd, ...state.runtimeWorkspaceRoots] },
          options.env,
        ),
      }),
    show: () => turn.itemStarted(waiting),
    refuse: (status) => turn.itemCompleted({ ...waiting, status }),
    askHooks: (asked) => askHooks(thread, turn, asked),
    review: isReviewed(context) ? (subject) => autoReview(context, subject, signal) : null,
  });
  switch (verdict.kind) {
    case 'refused':
      return verdict.prefixed ? `exec_command failed: ${verdict.text}` : verdict.text;
    case 'failed':
      return 'exec_command failed: approval request failed';
    case 'declined':
      if (verdict.cancel) context.cancelTurn();
      return 'exec_command failed: rejected by user';
    case 'rejected':
      return `exec_command failed: ${verdict.text}`;
    case 'run':
  }
  // Without a question the item is shown now. Its command may continue after the turn.
  if (verdict.asked) turn.itemChanged(item, { outlives: true });
  else turn.itemStarted(item, { outlives: true });
  let session: ExecSession;
  try {
    session = await startCommand(
      options,
      {
        item,
        argv,
        cwd,
        tty,
        id,
        // An allowing rule avoids the question; it does not remove a sandbox that the requirements demand.
        unsandboxed: verdict.unsandboxed && sandboxKept(state) === null,
        replacement: sandboxKept(state) === null ? verdict.replacement : null,
      },
      { ...context, state: wider },
    );
  } catch (error) {
    const message = whyNotStarted(error);
    turn.itemCompleted({ ...item, status: 'failed', exitCode: -1, aggregatedOutput: message });
    return `exec_command failed: ${message}`;
  }
  const yieldMs = Math.min(Math.max(args.yield_time_ms ?? YIELD.usual, YIELD.least), YIELD.most);
  return firstReport(
    session,
    yieldMs,
    budgetOf(outputBudget(state, options.modelInfo), args.max_output_tokens),
    context,
  );
}

async function firstReport(
  session: ExecSession,
  yieldMs: number,
  budget: Budget,
  context: ToolContext,
): Promise<string> {
  const { thread, signal } = context;
  try {
    await session.wait(yieldMs, signal);
  } finally {
    if (session.end === null) thread.runtime.execSessions.keep(session);
  }
  return report(session, budget, 'exec_command', context);
}

async function applyPatchOf(
  { applyPatch }: ExecCommandOptions,
  { patch, cwd }: { readonly patch: string; readonly cwd: string },
  callId: string,
  context: ToolContext,
): Promise<ToolOutput> {
  const started = performance.now();
  const { applied, text: output } = await applyPatch(patch, cwd, callId, context);
  if (!applied) return output;
  return `Wall time: ${((performance.now() - started) / 1000).toFixed(4)} seconds\nOutput:\n${output}`;
}
