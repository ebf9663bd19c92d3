/** Acknowledged work survives kill -9 at any moment. */
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { allTurns, makeHome, turnOf } from './support.js';
import { elapse } from '../../fixtures/until.js';
import { startChild } from '../../fixtures/programs.js';

const writer = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixtures', 'busy-writer.js');
const ROUNDS = Number(process.env['CODEXD_CRASH_ROUNDS'] ?? 12);

t.test(`${ROUNDS} rounds of work that is killed`, { timeout: ROUNDS * 20_000 }, async (t) => {
  const home = makeHome(t);
  const acknowledged = new Map<string, string[]>();
  for (let round = 0; round < ROUNDS; round++) {
    const child = startChild(process.execPath, [writer, home.path, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(child.stdout, 'data');
    await elapse(20 + Math.random() * 300, 'the kill comes at any moment');
    child.kill('SIGKILL');
    await once(child, 'close');
    for (const line of text.split('\n').slice(0, -1)) {
      const [threadId, turns] = line.split(' ') as [string, string];
      acknowledged.set(threadId, turns.split(','));
    }
  }
  t.ok(acknowledged.size > 0);
  const store = home.another();
  for (const [threadId, turns] of acknowledged) {
    const read = (await allTurns(store, threadId)).map((turn) => turn.id);
    // There may be one more turn: written, but the process was killed before the acknowledgement, or before a revert.
    t.strictSame(read.slice(0, turns.length), turns, threadId);
    t.ok(read.length <= turns.length + 1, `${threadId} has ${read.length} turns of ${turns.length}`);
  }
  for (const files of store.all()) {
    await store.head(files);
    const opened = await store.open(files);
    opened.append(turnOf(files.id, 'after', 'q', 'a'));
    await opened.close();
    t.equal((await allTurns(store, files.id)).at(-1)?.id, 'after', `${files.id} is gone on with`);
  }
});
