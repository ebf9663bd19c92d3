/** The session that strict decoders watch: first the turns, then every method beside them. */
import type { CheckedClient } from './checked-client.js';
import { imports } from './session-imports.js';
import { otherMethods } from './session-methods.js';
import { answerEverything, turnsOf } from './session-turns.js';
import { threadMethods } from './session-threads.js';

export interface Places {
  readonly home: string;
  readonly work: string;
  readonly outside: string;
  readonly user: string;
}

export async function session(client: CheckedClient, places: Places, experimentalApi: boolean): Promise<void> {
  const { ask } = client;
  answerEverything(client);
  await ask('initialize', {
    clientInfo: { name: 'strict', title: null, version: '1.0.0' },
    capabilities: { experimentalApi, requestAttestation: false },
  });
  // Hooks count once they are trusted, as clients do it.
  const hooks = await ask('hooks/list', { cwds: [places.work] });
  const state = Object.fromEntries(
    (hooks?.data ?? []).flatMap((entry: { hooks: { key: string; currentHash: string }[] }) =>
      entry.hooks.map(({ key, currentHash }) => [key, { trusted_hash: currentHash }]),
    ),
  );
  const edits = [{ keyPath: 'hooks.state', value: state, mergeStrategy: 'upsert' }];
  await ask('config/batchWrite', { edits, reloadUserConfig: true });
  const lookup = {
    type: 'function',
    name: 'lookup',
    description: 'Looks a word up',
    inputSchema: { type: 'object', properties: { word: { type: 'string' } } },
  };
  const started = await ask('thread/start', {
    cwd: places.work,
    ...(experimentalApi ? { dynamicTools: [lookup], experimentalRawEvents: false } : {}),
  });
  const threadId = started?.thread.id ?? '';
  await turnsOf(client, threadId, places);
  await threadMethods(client, threadId, places);
  await imports(client, places);
  await otherMethods(client, threadId, places);
}
