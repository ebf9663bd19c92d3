/** Finds the session that a person names by id, part of an id, or name. */
import type { Client } from '../../../clients/typescript/index.js';
import type { Thread } from '../../../schema/protocol/threads/thread.js';
import { CodexdError } from '../../errors/codexd-error.js';

export const UUID = /^(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** The kinds of thread that a person starts. */
export const EVERYTHING = {
  modelProviders: [],
  sourceKinds: ['cli', 'vscode', 'exec', 'appServer', 'unknown'] as (
    'cli' | 'vscode' | 'exec' | 'appServer' | 'unknown'
  )[],
};
/** Threads in one request. */
export const PAGE = 100;

/** Most candidates in an error. */
const SHOWN = 5;

/**
 * Accepts a complete id without a search. Throws an Error for a person when no session or more than one session
 * matches.
 */
export async function findThread(client: Client, word: string, archived: boolean): Promise<string> {
  if (UUID.test(word)) return word;
  const [named, begun]: [Thread[], Thread[]] = [[], []];
  let cursor: string | null = null;
  do {
    const page: { data: Thread[]; nextCursor?: string | null | undefined } = await client.request('thread/list', {
      ...EVERYTHING,
      archived,
      limit: PAGE,
      cursor,
    });
    named.push(...page.data.filter(({ name }) => name === word));
    if (/^[0-9a-f-]{4,}$/i.test(word)) begun.push(...page.data.filter(({ id }) => id.startsWith(word.toLowerCase())));
    cursor = page.nextCursor ?? null;
  } while (cursor !== null);
  const found = named.length > 0 ? named : begun;
  const [first, second] = found;
  const which = archived ? 'archived' : 'active';
  if (first === undefined) throw new CodexdError('cli.input', `No ${which} session found matching '${word}'.`);
  if (second !== undefined) {
    const list = found.slice(0, SHOWN).map(({ id, name, preview }) => `\n  ${id}  ${name ?? preview.split('\n')[0]}`);
    throw new CodexdError(
      'cli.input',
      `${found.length} ${which} sessions match '${word}'; name one by its id:${list.join('')}`,
    );
  }
  return first.id;
}
