/** The session that a person means: by its id, the beginning of one, its name, or from a list. */
import type { Client } from '../../typescript/index.js';
import type { Thread } from '../../../schema/protocol/threads/thread.js';
import { visibleLine } from '../text/safe-text.js';
import type { CommandHost } from './command-host.js';

/** Sessions that a person starts; not those of agents. */
const KINDS = ['cli', 'vscode', 'exec', 'appServer', 'unknown'] as const;
/** The newest ones; a list with more is no help. */
const LISTED = 50;

/** Null: the person chose nothing. Throws Error when none matches, and when there is none. */
export async function findSession(
  client: Client,
  word: string,
  host: Pick<CommandHost, 'pick'>,
): Promise<string | null> {
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(word)) return word;
  const sessions = await newest(client);
  if (word !== '') {
    const found = sessions.filter(({ id, name }) => name === word || id.startsWith(word.toLowerCase()));
    if (found.length === 1) return found[0]!.id;
    throw new Error(`${found.length === 0 ? 'no' : 'more than one'} session of the last ${LISTED} is called ${word}`);
  }
  if (sessions.length === 0) throw new Error('there is no earlier session');
  return host.pick(
    'Continue which session?',
    sessions.map(({ id, name, preview, cwd, updatedAt }) => ({
      value: id,
      label: visibleLine(name ?? preview).trim() || id,
      about: `${ageOf(Number(updatedAt) * 1000, Date.now())}, ${visibleLine(cwd)}`,
    })),
  );
}

/** The newest session of the folder; null: of any folder. Throws Error when there is none. */
export async function lastSession(client: Client, cwd: string | null): Promise<string> {
  const { data } = await client.request('thread/list', {
    modelProviders: [],
    sourceKinds: [...KINDS],
    sortKey: 'updated_at',
    limit: 1,
    ...(cwd === null ? {} : { cwd }),
  });
  const [first] = data;
  if (first === undefined)
    throw new Error(cwd === null ? 'there is no earlier session' : `there is no earlier session of ${cwd}`);
  return first.id;
}

async function newest(client: Client): Promise<readonly Thread[]> {
  const list = { modelProviders: [], sourceKinds: [...KINDS], sortKey: 'updated_at' as const, limit: LISTED };
  return (await client.request('thread/list', list)).data;
}

/** `5 min ago`. */
export function ageOf(thenMs: number, nowMs: number): string {
  const minutes = Math.max(0, Math.floor((nowMs - thenMs) / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 60 / 24)} days ago`;
}
