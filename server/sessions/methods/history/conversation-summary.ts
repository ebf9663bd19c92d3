/** getConversationSummary (docs/protocol/threads.md §15): a row of the catalog, in the words of the first protocol. */
import fs from 'node:fs';
import path from 'node:path';
import type { ConversationSummary } from '../../../../schema/protocol/services/legacy.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { isObject } from '../../../system/node/objects.js';
import { statIfThere } from '../../../system/files/look.js';
import type { SessionMeta } from '../../store/records/rollout-record.js';
import type { ThreadHead } from '../../store/records/thread-store.js';
import { parseThreadId } from '../../store/records/thread-id.js';
import { defaultProvider, filesOf, fromStore, type LifecycleDeps } from '../thread/lifecycle-common.js';

export function conversationSummaryHandler(deps: LifecycleDeps): Handler<'getConversationSummary'> {
  const { store, source, threads, codexHome } = deps;
  const byPath = async (asked: string): Promise<ThreadHead> => {
    const file = path.resolve(codexHome, asked);
    if (statIfThere(file) === undefined && statIfThere(`${file}.zst`) === undefined) {
      throw invalidRequest(`failed to resolve rollout path \`${asked}\`: file does not exist`);
    }
    return fromStore(async () => store.head(await store.at(file)));
  };
  const byId = async (asked: string): Promise<ThreadHead> => {
    const parsed = parseThreadId(asked);
    const id = 'problem' in parsed ? null : parsed.id;
    const files = id === null ? null : await filesOf(store, id, threads.get(id));
    if (files === null) throw invalidRequest(`no rollout found for conversation id ${id ?? asked}`);
    return fromStore(() => store.head(files));
  };
  return async (params) => {
    const head = 'rolloutPath' in params ? await byPath(params.rolloutPath) : await byId(params.conversationId);
    return { summary: summaryOf(head, defaultProvider(source)) };
  };
}

function summaryOf({ id, files, meta, preview, updatedAtMs }: ThreadHead, provider: string): ConversationSummary {
  const changed = fs.statSync(files.stored).mtimeMs || updatedAtMs;
  return {
    conversationId: id,
    path: files.path,
    preview,
    timestamp: meta.timestamp,
    updatedAt: new Date(changed).toISOString(),
    modelProvider: meta.model_provider ?? provider,
    cwd: meta.cwd,
    cliVersion: meta.cli_version,
    source: sourceOf(meta.source),
    gitInfo: gitOf(meta),
  };
}

const WORDS = ['cli', 'vscode', 'exec', 'mcp', 'unknown'] as const;

/** As the file has it; forms that the protocol does not have are unknown. */
function sourceOf(stored: unknown): ConversationSummary['source'] {
  if (stored === undefined || stored === null) return 'vscode';
  const word = WORDS.find((known) => known === stored);
  if (word !== undefined) return word;
  if (isObject(stored) && typeof stored['custom'] === 'string') return { custom: stored['custom'] };
  return 'unknown';
}

function gitOf({ git }: SessionMeta): ConversationSummary['gitInfo'] {
  if (git === undefined || git === null) return null;
  return { sha: git.commit_hash ?? null, branch: git.branch ?? null, origin_url: git.repository_url ?? null };
}
