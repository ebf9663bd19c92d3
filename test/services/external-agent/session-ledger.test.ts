import t from 'tap';
import { noteImport, readLedger, sha256 } from '../../../server/services/external-agent/session-ledger.js';
import { planted } from './support.js';

const NAME = 'home/.codex/external_agent_session_imports.json';
const record = (source: string, thread: string) => ({
  source_path: source,
  content_sha256: sha256(Buffer.from('x')),
  imported_thread_id: thread,
  imported_at: 1,
});

t.test('records follow each other, one for each source, and what others keep stays', async (t) => {
  const { put, text, codexHome } = planted(t);
  put(NAME, { records: [record('/a', '1'), { strange: true }], more: [1] });
  await noteImport(codexHome, record('/a', '2'));
  await Promise.all([noteImport(codexHome, record('/b', '3')), noteImport(codexHome, record('/c', '4'))]);
  t.same([...readLedger(codexHome)].map(([source, { imported_thread_id: id }]) => [source, id]).sort(), [
    ['/a', '2'],
    ['/b', '3'],
    ['/c', '4'],
  ]);
  t.match(JSON.parse(text(NAME)), { more: [1], detected_connector_records: [] });
});

t.test('a broken ledger is not replaced', async (t) => {
  const { put, text, codexHome } = planted(t);
  put(NAME, '{broken');
  t.equal(readLedger(codexHome).size, 0);
  await t.rejects(noteImport(codexHome, record('/a', '1')));
  t.equal(text(NAME), '{broken');
});
