/** Which session a person means. */
import type { Client } from '../../../clients/typescript/index.js';
import type { Thread } from '../../../schema/protocol/threads/thread.js';

export const UUID = /^(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Of every kind that a person starts. */
export const EVERYTHING = {
  modelProviders: [],
  sourceKinds: ['cli', 'vscode', 'exec', 'appServer', 'unknown'] as (
    'cli' | 'vscode' | 'exec' | 'appServer' | 'unknown'
  )[],
};
/** Threads a request. */
export const PAGE = 100;

/** As many as a command line shows. */
const SHOWN = 5;

/** A whole id is taken as it is. Throws an Error for a person when none, or more than one, is meant. */
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
  if (first === undefined) throw new Error(`No ${which} session found matching '${word}'.`);
  if (second !== undefined) {
    const list = found.slice(0, SHOWN).map(({ id, name, preview }) => `\n  ${id}  ${name ?? preview.split('\n')[0]}`);
    throw new Error(`${found.length} ${which} sessions match '${word}'; name one by its id:${list.join('')}`);
  }
  return first.id;
}
