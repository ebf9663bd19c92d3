/** exec_command: runs a command in a shell, under the turn's permissions (docs/protocol/turns.md §4, §6). */
import path from 'node:path';
import type { NetworkAccess } from '../../../config/permissions/network-policy.js';
import { messageOf } from '../../../errors/message-of.js';
import { commandEnvironment, type EnvironmentChanges } from '../../../exec/start/command-environment.js';
import { shellWithPatchProgram } from '../../../exec/start/patch-program.js';
import { permissionsOf, UNRESTRICTED, type CommandPermissions } from '../../../exec/start/permissions.js';
import { SpawnError } from '../../../exec/process/spawn-errors.js';
import { TURN_DRAIN_MS } from '../../../exec/run/drain.js';
import type { Supervisor } from '../../../exec/supervisor.js';
import { writableBy } from '../../../exec/start/writable-places.js';
import { tableAt } from '../../../config/toml/value.js';
import type { RuleBook } from '../../../config/rules/rule-book.js';
import type { Prompter } from '../../../network-approval/registration/prompter.js';
import { PROTOCOL_VERSION } from '../../../package/package-version.js';
import { autoReview, isReviewed } from '../../approvals/auto-review.js';
import { featureOn } from '../../../config/shape/features.js';
import { ConfigError } from '../../../errors/config-error.js';
import { isNothing, readExtra, widened, wireExtra } from '../../approvals/extra-permissions.js';
import { PERMISSIONS_SCHEMA } from './request-permissions.js';
import { judge, type CommandToJudge } from '../../approvals/command-approval.js';
import { unsandboxedCommand, type UnsandboxedCommand } from '../../approvals/unsandboxed-command.js';
import type { LiveThread, ThreadState } from '../../live/live-thread.js';
import type { ExecSession } from '../../runtime/exec-sessions.js';
import type { ExtraPermissions } from '../../runtime/grants.js';
import type { ModelInfoOf } from '../../model/model-info.js';
import { joinWords } from '../../shell/shell-words.js';
import { readArguments } from '../../tool-types/tool-arguments.js';
import { flag, functionDefinition, number, oneOf, text, texts } from '../../tool-types/definition.js';
import type { Tool, ToolContext, ToolOutput } from '../../tool-types/tool.js';
import { commandActions } from '../../shell/command-actions.js';
import { startExecSession, type CommandItem } from './exec-session.js';
import { budgetOf, DEFAULT_BUDGET, reportText, shorten, type Budget } from '../../shell/model-output.js';
import { patchInCommand } from '../../shell/patch-in-command.js';

export interface ExecCommandOptions {
  readonly supervisor: () => Promise<Supervisor>;
  readonly modelInfo: ModelInfoOf;
  readonly rules: Pick<RuleBook, 'latest' | 'appendPrefixRule'>;
  /** The prompter for the command's network requests. */
  readonly prompter: (context: ToolContext, itemId: string, network: NetworkAccess) => Prompter | null;
  /** Applies a patch that a command line contains. */
  readonly applyPatch: (
    patch: string,
    cwd: string,
    callId: string,
    context: ToolContext,
  ) => Promise<{ readonly applied: boolean; readonly text: string }>;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** In milliseconds (docs/protocol/turns.md §4). */
const YIELD = { usual: 10_000, least: 250, most: 30_000 };
const TERMINAL_SIZE = { rows: 24, cols: 80 };

const DESCRIPTION =
  'Runs a command in a shell and returns its output, or, when it goes on for longer, a session ID to poll with write_stdin.';

export function execCommand(options: ExecCommandOptions): Tool {
  return {
    name: 'exec_command',
    // A patch may be at any place of a script; after a line break, JSON has an `n` before it.
    changesFiles: ({ input }) => /apply[_-]?patch/.test(input),
    definition: (state) =>
      !hasShell(state, options.modelInfo)
        ? null
        : functionDefinition(
            'exec_command',
            DESCRIPTION,
            {
              ...(takesMore(state) ? { additional_permissions: PERMISSIONS_SCHEMA } : {}),
              cmd: text('The command line.'),
              justification: text(
                'Only with require_escalated: one question to the person, what should be allowed and why.',
              ),
              login: flag('Whether the shell is a login shell (default true).'),
              max_output_tokens: number('How much of the output you want at most, in tokens.'),
              prefix_rule: texts(
                'Only with require_escalated: the first words of the command that may be allowed for good, such as ["npm", "test"].',
              ),
              sandbox_permissions: oneOf(
                takesMore(state) ? PERMISSIONS_WITH_MORE : PERMISSIONS,
                takesMore(state)
                  ? 'with_additional_permissions asks the person for additional_permissions, require_escalated to run it without the sandbox.'
                  : 'require_escalated asks the person to run it without the sandbox.',
              ),
              shell: text('The shell to run it in (default: bash).'),
              tty: flag('Whether it gets a terminal, which also keeps its input open for write_stdin (default false).'),
              workdir: text('The folder to run it in (default: the working folder).'),
              yield_time_ms: number('How long to wait for it before it goes on in the background (default 10000).'),
            },
            ['cmd'],
          ),
    run: (call, context) => run(options, call.callId, read(call.input, takesMore(context.state)), context),
  };
}

const PERMISSIONS = ['use_default', 'require_escalated'] as const;
const PERMISSIONS_WITH_MORE = ['use_default', 'with_additional_permissions', 'require_escalated'] as const;

const takesMore = ({ table }: ThreadState): boolean => featureOn(table, 'exec_permission_approvals');

function read(input: string, takesMore: boolean) {
  return readArguments(input, {
    ...(takesMore ? { additional_permissions: { kind: 'object' } as const } : {}),
    cmd: { kind: 'string', required: true },
    justification: { kind: 'string' },
    login: { kind: 'boolean' },
    max_output_tokens: { kind: 'number' },
    prefix_rule: { kind: 'strings' },
    sandbox_permissions: { kind: { oneOf: takesMore ? PERMISSIONS_WITH_MORE : PERMISSIONS } },
    shell: { kind: 'string' },
    tty: { kind: 'boolean' },
    workdir: { kind: 'string' },
    yield_time_ms: { kind: 'number' },
  });
}
type Arguments = ReturnType<typeof read>;

async function run(
  options: ExecCommandOptions,
  callId: string,
  args: Arguments,
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
  const argv = [args.shell ?? '/bin/bash', (args.login ?? loginAllowed) ? '-lc' : '-c', args.cmd];
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
          options.env.TMPDIR,
        ),
      }),
    show: () => turn.itemStarted(waiting),
    refuse: (status) => turn.itemCompleted({ ...waiting, status }),
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
    session = await start(
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

/** In the reference's words if the system refuses, as for a folder that does not exist (docs/protocol/turns.md §4). */
const whyNotStarted = (error: unknown): string =>
  error instanceof SpawnError ? `Failed to create unified exec process: ${error.message}` : messageOf(error);

/** Why the requirements forbid commands without the sandbox; null: they allow them. */
function sandboxKept({ settings }: ThreadState): string | null {
  try {
    settings.assertAllowed(UNRESTRICTED.profile);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

/**
 * What the command needs in addition to the turn's permissions; a text: the error if the model asks for permissions
 * without naming any.
 */
function additionalOf(args: Arguments, cwd: string): ExtraPermissions | string | null {
  const { additional_permissions: asked = null, sandbox_permissions: how } = args;
  const extra = asked === null ? null : readExtra(asked, cwd);
  if (extra !== null && !isNothing(extra)) return how === 'require_escalated' ? null : extra;
  return how === 'with_additional_permissions'
    ? 'missing `additional_permissions`; provide at least one of `network` or `file_system` when using `with_additional_permissions`'
    : null;
}

async function firstReport(
  session: ExecSession,
  yieldMs: number,
  budget: Budget,
  { thread, signal }: ToolContext,
): Promise<string> {
  try {
    await session.wait(yieldMs, signal);
  } finally {
    if (session.end === null) thread.runtime.execSessions.keep(session);
  }
  return report(session, budget, 'exec_command');
}

/** The current output of a session for the model; a denial comes after the command's own output. */
export function report(session: ExecSession, budget: Budget, tool: string): string {
  const { text: output, bytes } = session.take();
  const { end } = session;
  if (end?.denial) {
    const before = output === '' ? '' : `\nOutput before it was ended:\n${shorten(output, bytes, budget)}`;
    return `${tool} failed: ${end.denial.message}${before}`;
  }
  return reportText(
    {
      wallMs: session.elapsedMs,
      exitCode: end === null ? null : end.exitCode,
      sessionId: end === null ? session.id : null,
      output,
      outputBytes: bytes,
    },
    budget,
  );
}

/**
 * How much output the model receives: `tool_output_token_limit`, else the known value of the model, else the default.
 */
export function outputBudget(state: ThreadState, modelInfo: ModelInfoOf): Budget {
  const limit = state.table.tool_output_token_limit;
  return typeof limit === 'number' || typeof limit === 'bigint'
    ? { unit: 'tokens', amount: Number(limit) }
    : (modelInfo(state).outputBudget ?? DEFAULT_BUDGET);
}

/**
 * Whether the model may run commands: not if the feature is off, or the model does not support it
 * (docs/protocol/turns.md §4).
 */
export function hasShell(state: ThreadState, modelInfo: ModelInfoOf): boolean {
  return tableAt(state.table, 'features').shell_tool !== false && modelInfo(state).shell;
}

interface ToStart {
  readonly item: CommandItem;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly tty: boolean;
  readonly id: number;
  readonly unsandboxed: boolean;
  /** The command that runs instead. */
  readonly replacement: UnsandboxedCommand | null;
}

async function start(options: ExecCommandOptions, command: ToStart, context: ToolContext): Promise<ExecSession> {
  const { thread, turn, state } = context;
  const { item, argv, cwd, tty, id, unsandboxed, replacement } = command;
  const permissions = unsandboxed ? UNRESTRICTED : turnPermissions(state);
  const { settings } = state;
  const env = commandEnvironment(settings, options.env, marks(thread, item.id), !unsandboxed);
  const run = replacement ?? { cwd, ...shellWithPatchProgram({ argv, env }) };
  const supervisor = await options.supervisor();
  // From here on, the end of the thread also ends the command, even while it waits for its lane.
  const gone = new AbortController();
  const cancel = (): void => gone.abort();
  let terminate = cancel;
  const forget = thread.terminals.add({
    itemId: item.id,
    processId: String(id),
    command: argv[2] ?? '',
    cwd,
    osPid: null,
    terminate: () => terminate(),
  });
  // An interrupt does not end running commands, but no new one starts.
  if (turn.signal.aborted || thread.status.type === 'notLoaded') cancel();
  turn.signal.addEventListener('abort', cancel, { once: true });
  let session: ExecSession;
  try {
    session = await startExecSession({
      thread,
      turn,
      item,
      id,
      tty,
      onEnd: forget,
      start: (sinks) =>
        supervisor.start({
          ...run,
          permissions,
          io: tty ? { kind: 'terminal', size: TERMINAL_SIZE } : { kind: 'pipes', stdin: false },
          timeoutMs: null,
          drainMs: TURN_DRAIN_MS,
          owner: { kind: 'thread', threadId: thread.id, turnId: turn.id, itemId: item.id },
          prompter: options.prompter(context, item.id, permissions.network),
          gone: gone.signal,
          ...sinks,
        }),
    });
  } catch (error) {
    forget();
    throw error;
  } finally {
    turn.signal.removeEventListener('abort', cancel);
  }
  terminate = () => session.terminate();
  return session;
}

/**
 * The turn's profile with its network settings. A denial ends the command. A turn with full access has neither sandbox
 * nor proxy (docs/protocol/network.md §4); a client's own command/exec keeps the proxy (docs/protocol/network.md §6).
 */
export function turnPermissions(state: ThreadState): CommandPermissions {
  const { profile } = state;
  if (profile.filesystem.kind === 'unrestricted' && profile.enforcement === 'ours' && profile.networkEnabled)
    return { ...UNRESTRICTED, profile };
  return { ...permissionsOf(state.settings, state.profile, state.runtimeWorkspaceRoots), onNetworkDenial: 'cancel' };
}

/** Variables in the environment of every command of a model (docs/protocol/turns.md §4). */
export function marks(thread: Pick<LiveThread, 'id'>, callId: string): EnvironmentChanges {
  return {
    CODEX_CI: '1',
    CODEX_THREAD_ID: thread.id,
    CODEX_SESSION_ID: thread.id,
    CODEX_TOOL_CALL_ID: callId,
    CODEX_VERSION: PROTOCOL_VERSION,
    NO_COLOR: '1',
    TERM: 'dumb',
    LANG: 'C.UTF-8',
    LC_CTYPE: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    COLORTERM: '',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GH_PAGER: 'cat',
  };
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
