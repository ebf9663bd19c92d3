/** hooks/list (docs/protocol/services.md §6): the hooks of folders as they are written now, or those of a thread. */
import path from 'node:path';
import { problemText } from '../../config/layers/config-problem.js';
import { listed, type HookSet } from '../../hooks/discover/discover-hooks.js';
import { allHooks } from '../../plugins/all-hooks.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import type { HooksListEntry } from '../../../schema/protocol/services/hooks.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';

/** The hooks of a loaded thread, and its folder. Throws RpcError if no such thread is loaded. */
export type ThreadHooks = (threadId: string) => Promise<{ readonly cwd: string; readonly hooks: HookSet }>;

/** Throws RpcError. */
export async function listHooks(
  source: ConfigService,
  { cwds, threadId }: RequestParams<'hooks/list'>,
  ofThread: ThreadHooks,
): Promise<RequestResult<'hooks/list'>> {
  if (threadId === null || threadId === undefined) {
    const asked = cwds.length === 0 ? [source.sources.cwd] : cwds;
    return { data: asked.map((cwd) => listFor(cwd, source)) };
  }
  if (cwds.length > 0) throw invalidRequest('specify either threadId or cwds');
  const { cwd, hooks } = await ofThread(threadId);
  return { data: [listed(cwd, hooks)] };
}

function listFor(cwd: string, source: ConfigService): HooksListEntry {
  const resolved = source.resolve(path.resolve(source.sources.cwd, cwd));
  const entry = listed(cwd, allHooks(resolved));
  if (resolved.problem === null) return entry;
  return { ...entry, errors: [{ path: cwd, message: problemText(resolved.effective, resolved.problem) }] };
}
