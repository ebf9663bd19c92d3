/** apply_patch: changes files that the turn's sandbox or a person allows to change (docs/protocol/turns.md §5, §6). */
import { isCode } from '../../../errors/codexd-error.js';
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import { commandEnvironment } from '../../../exec/start/command-environment.js';
import type { CommandSpec, RunningCommand } from '../../../exec/start/command.js';
import { UNRESTRICTED } from '../../../exec/start/permissions.js';
import type { Supervisor } from '../../../exec/supervisor.js';
import { ConfigError } from '../../../errors/config-error.js';
import { findProjectRoot } from '../../../config/layers/project-layers.js';
import { RpcError } from '../../../errors/rpc-error.js';
import type { TurnThread, WorkTurn } from '../../live/turn-thread.js';
import type { SessionApprovals } from '../../runtime/approvals.js';
import { askHooks } from '../../hooks/permission-hooks.js';
import { PATCH_NAMES } from '../../hooks/tool-names.js';
import { autoReview, isReviewed, type ReviewSubject } from '../../approvals/auto-review.js';
import { SCRIPT_FOLDER } from '../../../system/programs/file-scripts.js';
import { scriptPermissions } from '../shell/turn-permissions.js';
import { createTranscript } from '../../shell/transcript.js';
import { fileReader, type FileReaderOptions } from '../files/read-file.js';
import type { ToolContext } from '../../tool-types/tool.js';
import { createTurnDiff, wireChanges } from './diffs.js';
import { MAX_FILE_BYTES, planPatch, touchedPaths, type PlannedChange, type TouchedPath } from './plan-patch.js';
import { mayWrite } from './may-write.js';
import { placeOf } from './pin.js';
import { summary, writeChanges, type RunSandboxed } from './write.js';

/** `text`: the output for the model; `applied`: the whole patch was written. */
export interface PatchOutcome {
  readonly applied: boolean;
  readonly text: string;
}

export interface PatchApplier {
  apply(patch: string, cwd: string, callId: string, context: ToolContext): Promise<PatchOutcome>;
}

/** Reports the diff of the turn's patches so far, if it differs from the last report. */
export function notifyTurnDiff(thread: TurnThread, { id: turnId, runtime: { patches } }: WorkTurn): void {
  const diff = patches.diff?.text() ?? null;
  if (diff === null || diff === (patches.told ?? '')) return;
  patches.told = diff;
  thread.events.notify('turn/diff/updated', { threadId: thread.id, turnId, diff });
}

/** Reports it once more at the end of the turn, if a change is left (docs/protocol/turns.md §5). */
export function notifyLastTurnDiff(thread: TurnThread, { id: turnId, runtime: { patches } }: WorkTurn): void {
  const diff = patches.diff?.text() ?? '';
  if (diff !== '') thread.events.notify('turn/diff/updated', { threadId: thread.id, turnId, diff });
}

export function createPatchApplier(options: FileReaderOptions): PatchApplier {
  return {
    async apply(patch, cwd, callId, context) {
      const { thread, turn, state } = context;
      const started = performance.now();
      let changes: readonly PlannedChange[];
      try {
        changes = await planPatch(patch, cwd, fileReader(options, context, MAX_FILE_BYTES));
      } catch (error) {
        if (isCode(error, 'tool.patch')) return notApplied(`apply_patch verification failed: ${error.message}`);
        throw error;
      }
      if (changes.length === 0) return notApplied('patch rejected: empty patch');
      const item: FileChange = { type: 'fileChange', id: callId, changes: wireChanges(changes), status: 'inProgress' };
      const outside = touchedPaths(changes).filter(({ pin }) => !mayWrite(state, placeOf(pin.written)));
      const verdict = await permission(changes, item, outside, patch, context);
      if (typeof verdict === 'object') return notApplied(verdict.text);
      const { done, failure } = await writeChanges(changes, runner(options, context, callId, false), {
        paths: new Set(outside.map(({ path }) => path)),
        run: runner(options, context, callId, true),
      });
      turn.itemCompleted({ ...item, status: failure === null ? 'completed' : 'failed' });
      const root = (): string => findProjectRoot(state.wire.cwd, ['.git']) ?? state.wire.cwd;
      turn.runtime.patches.getOrCreate(() => createTurnDiff(root())).add(done);
      notifyTurnDiff(thread, turn);
      if (failure !== null) {
        const kept = done.length === 0 ? '' : `\nWhat came before it in the patch was written. ${summary(done)}`;
        return notApplied(`apply_patch failed: ${failure}${kept}`);
      }
      const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
      return { applied: true, text: `Exit code: 0\nWall time: ${seconds} seconds\nOutput:\n${summary(changes)}` };
    },
  };
}

const notApplied = (text: string): PatchOutcome => ({ applied: false, text });

type FileChange = Extract<ThreadItem, { type: 'fileChange' }>;

/**
 * Returns `allowed` if the turn's permissions allow all paths, or if a person allowed those `outside` of them; then the
 * item is started. Otherwise returns the output for the model; the item, if there is one, is complete.
 */
async function permission(
  changes: readonly PlannedChange[],
  item: FileChange,
  outside: readonly TouchedPath[],
  patch: string,
  context: ToolContext,
): Promise<'allowed' | { readonly text: string }> {
  const { thread, turn, state, signal, cancelTurn } = context;
  const { approvalPolicy: policy } = state.wire;
  const approved: SessionApprovals = thread.runtime.patches;
  const touched = touchedPaths(changes);
  // If a link changed since, it leads to another file.
  const places = touched.map(({ pin }) => placeOf(pin.written));
  if ((outside.length === 0 && policy !== 'untrusted') || places.every((place) => approved.has(place))) {
    turn.itemStarted(item);
    return 'allowed';
  }
  const why =
    state.wire.sandboxPolicy.type === 'readOnly'
      ? 'writing is blocked by read-only sandbox'
      : 'writing outside of the project';
  const asksNobody = policy === 'never' || (typeof policy === 'object' && !policy.granular.sandbox_approval);
  if (asksNobody) return { text: `patch rejected: ${why}; rejected by user approval settings` };
  turn.itemStarted(item);
  const said = await askHooks(thread, turn, { names: PATCH_NAMES, input: { command: patch.trim() }, itemId: item.id });
  if (said?.allowed === true) return 'allowed';
  if (said !== null) {
    turn.itemCompleted({ ...item, status: 'declined' });
    return { text: said.reason };
  }
  if (isReviewed(context)) {
    const { cwd } = state.wire;
    const subject: ReviewSubject = {
      targetItemId: item.id,
      action: { type: 'applyPatch', cwd, files: touched.map(({ path }) => path) },
      planned: {
        tool: 'apply_patch',
        cwd,
        changes: item.changes,
        asked_because: why,
        links: leadingElsewhere(outside),
      },
    };
    const verdict = await autoReview(context, subject, signal);
    if (verdict.allowed) return 'allowed';
    turn.itemCompleted({ ...item, status: 'declined' });
    verdict.settle();
    return { text: verdict.text };
  }
  thread.flag('waitingOnApproval', true);
  let lowered = false;
  const lower = (): void => {
    if (!lowered) thread.flag('waitingOnApproval', false);
    lowered = true;
  };
  try {
    const { decision } = await thread.events.ask(
      'item/fileChange/requestApproval',
      {
        threadId: thread.id,
        turnId: turn.id,
        itemId: item.id,
        startedAtMs: Date.now(),
        reason: leadingElsewhere(outside),
        grantRoot: null,
      },
      signal,
    );
    lower();
    if (decision === 'accept') return 'allowed';
    if (decision === 'acceptForSession') {
      for (const place of places) approved.add(place);
      return 'allowed';
    }
    turn.itemCompleted({ ...item, status: 'declined' });
    if (decision === 'cancel') cancelTurn();
    return { text: 'patch rejected by user' };
  } catch (error) {
    if (signal.aborted || !(error instanceof RpcError)) throw error;
    lower();
    turn.itemCompleted({ ...item, status: 'declined' });
    return { text: 'patch rejected: approval request failed' };
  } finally {
    lower();
  }
}

/** The real paths that the item's paths do not show; null: all paths are real. */
function leadingElsewhere(outside: readonly TouchedPath[]): string | null {
  const links = outside.filter(({ path, pin }) => placeOf(pin.written) !== path);
  return links.length === 0
    ? null
    : links.map(({ path, pin }) => `${path} leads to ${placeOf(pin.written)}`).join('; ');
}

/** Runs the small programs that write: in the turn's sandbox, or without it if a person allowed exactly this change. */
function runner(
  { supervisor, env }: FileReaderOptions,
  { thread, turn, state, signal }: ToolContext,
  itemId: string,
  unsandboxed: boolean,
): RunSandboxed {
  return async (argv, input) => {
    const stderr = createTranscript();
    const running = await startOrExplain(await supervisor(), {
      argv,
      cwd: SCRIPT_FOLDER,
      env: commandEnvironment(state.settings, env, { LC_ALL: 'C' }, !unsandboxed),
      permissions: unsandboxed ? UNRESTRICTED : scriptPermissions(state),
      io: { kind: 'pipes', stdin: true },
      timeoutMs: WRITE_LIMIT_MS,
      owner: { kind: 'thread', threadId: thread.id, turnId: turn.id, itemId },
      prompter: null,
      gone: signal,
      stdout: { full: true, push: () => undefined },
      stderr: { full: false, push: (piece) => void stderr.push(piece) },
    });
    if (typeof running === 'string') return { exitCode: 1, stderr: running };
    await running.write(Buffer.from(input));
    running.closeStdin();
    const { exitCode, cause } = await running.ended;
    signal.throwIfAborted();
    return { exitCode: cause === 'timeout' ? 124 : exitCode, stderr: stderr.all() ?? '' };
  };
}

/** If the requirements forbid the command, returns the sentence with the reason. */
async function startOrExplain(supervisor: Supervisor, spec: CommandSpec): Promise<RunningCommand | string> {
  try {
    return await supervisor.start(spec);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

/** In milliseconds: a file that takes longer to write is not written. */
const WRITE_LIMIT_MS = 60_000;
