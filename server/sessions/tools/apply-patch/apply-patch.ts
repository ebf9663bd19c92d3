/** apply_patch: changes files, within what the turn's sandbox allows and a person says (spec/turns.md §5, §6). */
import type { ThreadItem } from '../../../../schema/item.js';
import { commandEnvironment } from '../../../exec/environment.js';
import { UNRESTRICTED } from '../../../exec/permissions.js';
import type { Supervisor } from '../../../exec/supervisor.js';
import { findProjectRoot } from '../../../config/layers/project.js';
import { RpcError } from '../../../rpc/errors.js';
import type { LiveThread, LiveTurn } from '../../live/live-thread.js';
import { autoReview, isReviewed, type ReviewSubject } from '../../approvals/auto-review.js';
import { turnPermissions } from '../exec/exec-command.js';
import { createTranscript } from '../exec/transcript.js';
import type { ToolContext, ToolOutput } from '../tool.js';
import { createTurnDiff, wireChanges, type TurnDiff } from './diffs.js';
import { PatchError } from './parse.js';
import { planPatch, touchedPaths, type PlannedChange } from './plan.js';
import { mayWrite } from './may-write.js';
import { summary, writeChanges, type RunHeld } from './write.js';

export interface ApplyPatchOptions {
  readonly supervisor: () => Promise<Supervisor>;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

export interface PatchApplier {
  apply(patch: string, cwd: string, callId: string, context: ToolContext): Promise<ToolOutput>;
  /** Tells the turn's whole diff once more, at its end. */
  turnEnded(thread: LiveThread, turn: LiveTurn): void;
}

export function createPatchApplier(options: ApplyPatchOptions): PatchApplier {
  const diffs = new WeakMap<LiveTurn, TurnDiff>();
  /** Files that the person said may be changed for as long as the thread is loaded. */
  const approvedPaths = new WeakMap<LiveThread, Set<string>>();
  const tellDiff = (thread: LiveThread, turn: LiveTurn): void => {
    const diff = diffs.get(turn)?.text() ?? null;
    if (diff !== null) thread.events.notify('turn/diff/updated', { threadId: thread.id, turnId: turn.id, diff });
  };

  return {
    async apply(patch, cwd, callId, context) {
      const { thread, turn, state } = context;
      const started = performance.now();
      let changes: readonly PlannedChange[];
      try {
        changes = await planPatch(patch, cwd);
      } catch (error) {
        if (error instanceof PatchError) return `apply_patch verification failed: ${error.message}`;
        throw error;
      }
      if (changes.length === 0) return 'patch rejected: empty patch';
      const item: FileChange = { type: 'fileChange', id: callId, changes: wireChanges(changes), status: 'inProgress' };
      const known = approvedPaths.get(thread) ?? new Set<string>();
      approvedPaths.set(thread, known);
      const verdict = await permission(changes, item, known, context);
      if (typeof verdict === 'object') {
        tellDiff(thread, turn);
        return verdict.text;
      }
      if (verdict === 'inside') turn.itemStarted(item);
      const { done, failure } = await writeChanges(changes, runner(options, context, callId, verdict === 'approved'));
      turn.itemCompleted({ ...item, status: failure === null ? 'completed' : 'failed' });
      const diff = diffs.get(turn) ?? createTurnDiff(findProjectRoot(state.wire.cwd, ['.git']) ?? state.wire.cwd);
      diffs.set(turn, diff);
      diff.add(done);
      tellDiff(thread, turn);
      if (failure !== null) {
        const kept = done.length === 0 ? '' : `\nWhat came before it in the patch was written. ${summary(done)}`;
        return `apply_patch failed: ${failure}${kept}`;
      }
      const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
      return `Exit code: 0\nWall time: ${seconds} seconds\nOutput:\n${summary(changes)}`;
    },
    turnEnded: tellDiff,
  };
}

type FileChange = Extract<ThreadItem, { type: 'fileChange' }>;

/**
 * `inside`: the sandbox allows it. `approved`: a person does, and the item is started. Otherwise what the model reads;
 * the item, if there is one, is complete.
 */
async function permission(
  changes: readonly PlannedChange[],
  item: FileChange,
  approved: Set<string>,
  context: ToolContext,
): Promise<'inside' | 'approved' | { readonly text: string }> {
  const { thread, turn, state, signal, cancelTurn } = context;
  const { approvalPolicy: policy } = state.wire;
  const paths = touchedPaths(changes);
  const outside = paths.filter((file) => !mayWrite(state, file));
  if (outside.length === 0 && policy !== 'untrusted') return 'inside';
  if (paths.every((file) => approved.has(file))) {
    turn.itemStarted(item);
    return 'approved';
  }
  const why =
    state.wire.sandboxPolicy.type === 'readOnly'
      ? 'writing is blocked by read-only sandbox'
      : 'writing outside of the project';
  const asksNobody = policy === 'never' || (typeof policy === 'object' && !policy.granular.sandbox_approval);
  if (asksNobody) return { text: `patch rejected: ${why}; rejected by user approval settings` };
  turn.itemStarted(item);
  if (isReviewed(context)) {
    const { cwd } = state.wire;
    const subject: ReviewSubject = {
      targetItemId: item.id,
      action: { type: 'applyPatch', cwd, files: [...paths] },
      planned: { tool: 'apply_patch', cwd, changes: item.changes, asked_because: why },
    };
    const verdict = await autoReview(context, subject, signal);
    if (verdict.allowed) return 'approved';
    turn.itemCompleted({ ...item, status: 'declined' });
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
        reason: null,
        grantRoot: null,
      },
      signal,
    );
    lower();
    if (decision === 'accept') return 'approved';
    if (decision === 'acceptForSession') {
      for (const file of paths) approved.add(file);
      return 'approved';
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

/** Runs the small programs that write: in the turn's sandbox, or outside of it where a person allowed the very change. */
function runner(
  { supervisor, env }: ApplyPatchOptions,
  { thread, turn, state, signal }: ToolContext,
  itemId: string,
  unsandboxed: boolean,
): RunHeld {
  return async (argv, input) => {
    const stderr = createTranscript();
    const running = await (
      await supervisor()
    ).start({
      argv,
      cwd: '/',
      env: commandEnvironment(state.settings, env, { LC_ALL: 'C' }, !unsandboxed),
      permissions: unsandboxed ? UNRESTRICTED : { ...turnPermissions(state), network: { kind: 'offline' } },
      io: { kind: 'pipes', stdin: true },
      timeoutMs: WRITE_LIMIT_MS,
      owner: { kind: 'thread', threadId: thread.id, turnId: turn.id, itemId },
      prompter: null,
      gone: signal,
      stdout: { full: true, push: () => undefined },
      stderr: { full: false, push: (piece) => void stderr.push(piece) },
    });
    await running.write(Buffer.from(input));
    running.closeStdin();
    const { exitCode, cause } = await running.ended;
    signal.throwIfAborted();
    return { exitCode: cause === 'timeout' ? 124 : exitCode, stderr: stderr.all() ?? '' };
  };
}

/** A file that cannot be written in this time, milliseconds, is not written. */
const WRITE_LIMIT_MS = 60_000;
