/** The calls of the two tools: open the thread, run the turn, make the result (docs/protocol/services.md §11). */
import fs from 'node:fs';
import path from 'node:path';
import type { CallToolResult, RequestId } from '@modelcontextprotocol/server';
import type { Client } from '../../../clients/typescript/index.js';
import type { RequestResult } from '../../../schema/registry.js';
import { profileFile, profileNameProblem } from '../../config/layers/profile-file.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { WITHOUT_EFFECT } from '../../config/shape/without-effect.js';
import { messageOf } from '../../errors/message-of.js';
import { isFolder } from '../../system/files/look.js';
import { noFolderText } from '../options/no-folder.js';
import type { AppServer } from './app-server.js';
import { snake, type LegacyMessage } from './events/legacy-item.js';
import type { Session } from './session.js';
import { readReplyArguments, readStartArguments, type StartArguments } from './tool-arguments.js';

export interface ToolCall {
  readonly id: RequestId;
  readonly name: string;
  readonly arguments: unknown;
  /** Aborted when the client cancels the call, or is gone: the turn is interrupted. */
  readonly signal: AbortSignal;
}

/** The app-servers of this program. */
export interface AppServers {
  /** The one of the profile, started if necessary. */
  of(profile: string | null): Promise<AppServer>;
  /** The one that has the thread loaded; null: none. */
  having(threadId: string): AppServer | null;
}

/** A mistake of the caller, and a failure, are results with `isError`. Rejects when the call was cancelled. */
export async function callTool(call: ToolCall, servers: AppServers): Promise<CallToolResult> {
  switch (call.name) {
    case 'codex': {
      const read = readStartArguments(call.arguments);
      return 'problem' in read ? failure(read.problem) : start(read.value, call, servers);
    }
    case 'codex-reply': {
      const read = readReplyArguments(call.arguments);
      return 'problem' in read ? failure(read.problem) : reply(read.value.threadId, read.value.prompt, call, servers);
    }
    default:
      return failure(`Unknown tool '${call.name}'`);
  }
}

async function start(wanted: StartArguments, call: ToolCall, servers: AppServers): Promise<CallToolResult> {
  const problem = startProblem(wanted);
  if (problem !== null) return failure(`Failed to start Codex session: ${problem}`);
  let server: AppServer;
  let session: Session;
  try {
    server = await servers.of(wanted.profile);
    call.signal.throwIfAborted();
    const opened = await server.client.request('thread/start', startParams(wanted));
    session = server.open(opened.thread.id, call.id, configured(opened));
  } catch (error) {
    call.signal.throwIfAborted();
    return failure(`Failed to start Codex session: ${messageOf(error)}`);
  }
  const unread = WITHOUT_EFFECT['compact_prompt'];
  if (wanted.compactPrompt !== null && unread !== undefined) session.note(`compact-prompt has no effect: ${unread}.`);
  return runTurn(server.client, session, wanted.prompt, call);
}

/** What a server would accept in silence, and a caller did not mean; null: nothing. */
function startProblem({ cwd, profile }: StartArguments): string | null {
  const folder = path.resolve(cwd ?? '.');
  if (!isFolder(folder)) return `cwd: ${noFolderText(folder)}`;
  if (profile === null) return null;
  const wrong = profileNameProblem(profile);
  if (wrong !== undefined) return wrong;
  const file = profileFile(resolveCodexHome(), profile);
  return fs.existsSync(file) ? null : `config profile \`${profile}\` not found: there is no ${file}`;
}

function startParams(wanted: StartArguments) {
  const { cwd, model, sandbox, approvalPolicy, config, baseInstructions, developerInstructions, compactPrompt } =
    wanted;
  return {
    cwd: path.resolve(cwd ?? '.'),
    ...(model === null ? {} : { model }),
    ...(sandbox === null ? {} : { sandbox }),
    ...(approvalPolicy === null ? {} : { approvalPolicy }),
    ...(baseInstructions === null ? {} : { baseInstructions }),
    ...(developerInstructions === null ? {} : { developerInstructions }),
    config: { ...config, ...(compactPrompt === null ? {} : { compact_prompt: compactPrompt }) },
  };
}

async function reply(threadId: string, prompt: string, call: ToolCall, servers: AppServers): Promise<CallToolResult> {
  const loaded = servers.having(threadId);
  const known = loaded?.find(threadId) ?? null;
  if (loaded !== null && known !== null) {
    known.owner = call.id;
    return runTurn(loaded.client, known, prompt, call);
  }
  let server: AppServer;
  let session: Session;
  try {
    server = await servers.of(null);
    call.signal.throwIfAborted();
    const opened = await server.client.request('thread/resume', { threadId, excludeTurns: true });
    session = server.open(threadId, call.id, configured(opened));
  } catch (error) {
    call.signal.throwIfAborted();
    return result(threadId, `Session not found for thread_id: ${threadId} (${messageOf(error)})`, true);
  }
  return runTurn(server.client, session, prompt, call);
}

async function runTurn(client: Client, session: Session, prompt: string, call: ToolCall): Promise<CallToolResult> {
  const { threadId } = session;
  const { signal } = call;
  signal.throwIfAborted();
  let turnId: string;
  try {
    const input = [{ type: 'text' as const, text: prompt, text_elements: [] }];
    turnId = (await client.request('turn/start', { threadId, input })).turn.id;
  } catch (error) {
    return result(threadId, `Failed to submit user input: ${messageOf(error)}`, true);
  }
  // A turn that has ended meanwhile cannot be interrupted, and a server that is gone has none.
  const interrupt = (): void => void client.request('turn/interrupt', { threadId, turnId }).catch(() => undefined);
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    const end = await session.ended(turnId);
    const notes = session.takeNotes();
    if (end.kind === 'completed') return result(threadId, end.text, false, notes);
    return result(threadId, end.kind === 'failed' ? end.message : 'The turn was interrupted.', true, notes);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

const textBlock = (text: string) => ({ type: 'text' as const, text });

/** A failure without a thread. */
const failure = (text: string): CallToolResult => ({ content: [textBlock(text)], isError: true });

/** `notes`: more blocks, for the caller only. */
const result = (
  threadId: string,
  content: string,
  isError: boolean,
  notes: readonly string[] = [],
): CallToolResult => ({
  content: [content, ...notes].map(textBlock),
  structuredContent: { threadId, content },
  ...(isError ? { isError } : {}),
});

function configured(opened: RequestResult<'thread/start'> | RequestResult<'thread/resume'>): LegacyMessage {
  const { thread, model, modelProvider, approvalPolicy, approvalsReviewer, sandbox, cwd, reasoningEffort } = opened;
  return {
    type: 'session_configured',
    session_id: thread.id,
    thread_id: thread.id,
    model,
    model_provider_id: modelProvider,
    approval_policy: approvalPolicy,
    approvals_reviewer: snake(approvalsReviewer),
    sandbox_policy: { ...sandbox, type: snake(sandbox.type).replaceAll('_', '-') },
    cwd,
    reasoning_effort: reasoningEffort ?? null,
    rollout_path: thread.path ?? null,
  };
}
