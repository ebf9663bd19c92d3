import t from 'tap';
import { newImportId, readHistories, recordHistory } from '../../../server/services/external-agent/histories.js';
import { planted } from './support.js';

const NAME = 'home/.codex/codexd-external-agent-imports.jsonl';
const history = (importId: string) => ({ importId, providerId: null, completedAtMs: 1, successes: [], failures: [] });

t.test('the newest first, no more than 200, and broken lines are left out', async (t) => {
  const { put, text, codexHome } = planted(t);
  t.same(readHistories(codexHome), []);
  put(NAME, `broken\n${Array.from({ length: 205 }, (_, at) => JSON.stringify(history(String(at)))).join('\n')}\n`);
  await recordHistory(codexHome, history('last'));
  const ids = readHistories(codexHome).map(({ importId }) => importId);
  t.same([ids.length, ids[0], ids[1]], [200, 'last', '204']);
  t.notMatch(text(NAME), 'broken');
  t.not(newImportId(), newImportId());
});
