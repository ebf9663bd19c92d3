/** What the policy would decide now, and the writes that change it. */
import type { ClientParams, RequestResult } from '../../../schema/registry.js';
import type { Server } from '../connection/server.js';
import type { Decision } from './decisions.js';

export type PolicyQuestion = ClientParams<'network/policy/test'>;
export type PolicyAnswer = RequestResult<'network/policy/test'>;
export type PolicyChange = PolicyAnswer['changes']['allow'];

export interface Judged {
  readonly answer: PolicyAnswer;
  /** Of the user's configuration, for which `answer` was made. */
  readonly version: string | null;
  /** The thread of the question is not loaded: the answer is about the configured profile. */
  readonly threadGone: boolean;
}

/** Asks for the version first: a write after a change in between is refused, and not made on an old answer. */
export async function judge(server: Server, question: PolicyQuestion): Promise<Judged> {
  const { layers } = await server.request('config/read', { includeLayers: true });
  const version = layers?.find(({ name }) => name.type === 'user')?.version ?? null;
  const threadGone = typeof question.threadId === 'string' && !(await isLoaded(server, question.threadId));
  const answer = await server.request('network/policy/test', threadGone ? { ...question, threadId: null } : question);
  return { answer, version, threadGone };
}

async function isLoaded(server: Server, threadId: string): Promise<boolean> {
  let cursor: string | null = null;
  do {
    const page: RequestResult<'thread/loaded/list'> = await server.request('thread/loaded/list', { cursor });
    if (page.data.includes(threadId)) return true;
    cursor = page.nextCursor ?? null;
  } while (cursor !== null);
  return false;
}

/** Returns what overrides the written rule, in words; null: it counts. */
export async function writeChange(
  server: Server,
  { edits }: PolicyChange,
  version: string | null,
): Promise<string | null> {
  const written = await server.request('config/batchWrite', {
    edits: edits.map((edit) => ({ ...edit, mergeStrategy: 'replace' as const })),
    expectedVersion: version,
    // Threads that are loaded get it, too.
    reloadUserConfig: true,
  });
  return written.overriddenMetadata?.message ?? null;
}

/** The change that a person may want, or null: the policy decides so already. */
export function wantedChange(
  { answer }: Judged,
  decision: Pick<Decision, 'verdict' | 'reason'> | null,
): { readonly to: 'allow' | 'deny'; readonly change: PolicyChange } | null {
  const before = decision?.verdict ?? answer.verdict;
  const to = before === 'allow' ? 'deny' : 'allow';
  const change = answer.changes[to];
  // The dry run knows no addresses: a name of this network is refused although its rule allows it.
  const local = decision?.reason === 'not_allowed_local' && change.edits.length > 0;
  if (answer.verdict === to && !local) return null;
  return { to, change };
}
