/** What an extension for another agent does to hand its session over (docs/protocol/clients.md §1.6). */
import fs from 'node:fs';
import path from 'node:path';
import type { CheckedClient, Loose } from './checked-client.js';
import type { Places } from './session.js';

const SESSION = '11111111-2222-4333-8444-555555555555';

/** Puts a session of the other agent where that agent keeps them; returns its file. */
function otherSession({ user, work }: Places): string {
  const folder = path.join(user, '.claude', 'projects', work.replaceAll(/[^A-Za-z0-9]/g, '-'));
  fs.mkdirSync(folder, { recursive: true });
  const said = (type: 'user' | 'assistant', n: number, content: unknown): object => ({
    type,
    uuid: `u${n}`,
    parentUuid: n === 1 ? null : `u${n - 1}`,
    sessionId: SESSION,
    cwd: work,
    timestamp: new Date(Date.now() - 60_000 + n).toISOString(),
    version: '2.1.0',
    userType: 'external',
    isSidechain: false,
    message: { role: type, content },
  });
  const file = path.join(folder, `${SESSION}.jsonl`);
  const lines = [said('user', 1, 'Add a file.'), said('assistant', 2, [{ type: 'text', text: 'It is there.' }])];
  fs.writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

export async function imports({ ask, told, record }: CheckedClient, places: Places): Promise<void> {
  const file = otherSession(places);
  const found = await ask('externalAgentConfig/detect', { includeHome: true, cwds: [places.work] }, 'detect sessions');
  const sessions = (found?.items ?? []).filter((item: Loose) => item.itemType === 'SESSIONS');
  record('(found sessions)', String(sessions.length));
  const details = { sessions: [{ path: file, cwd: places.work, title: null }] };
  const item = { itemType: 'SESSIONS', description: 'a session', cwd: null, details };
  const migrationItems = [item];
  for (const time of ['first', 'again']) {
    const begun = await ask('externalAgentConfig/import', { migrationItems }, `import ${time}`);
    const ended = await told('externalAgentConfig/import/completed', ({ importId }) => importId === begun?.importId);
    const results = (ended?.itemTypeResults ?? []) as Loose[];
    const counts = results.map(({ itemType, successes, failures }) => [itemType, successes.length, failures.length]);
    record(`(import ${time})`, JSON.stringify(counts));
    const [thread] = results.flatMap(({ successes }) => successes as Loose[]);
    if (typeof thread?.target === 'string') {
      const read = await ask('thread/read', { threadId: thread.target, includeTurns: true }, 'the imported thread');
      record(
        '(the imported turns)',
        JSON.stringify(read?.thread.turns.map(({ items }: Loose) => items.map((one: Loose) => one.type))),
      );
    }
  }
  const ledger = path.join(places.home, 'external_agent_session_imports.json');
  record(
    '(the ledger)',
    fs.existsSync(ledger)
      ? Object.keys(JSON.parse(fs.readFileSync(ledger, 'utf8')).records[0] ?? {}).join()
      : 'missing',
  );
  await ask('externalAgentConfig/import/readHistories', undefined, 'readHistories afterwards');
}
