import fs from 'node:fs';
import t from 'tap';
import { findSessions, isSessionFile, sessionAt } from '../../../server/services/external-agent/find-sessions.js';
import { noteImport } from '../../../server/services/external-agent/session-ledger.js';
import { planted, sessionFile, sessionLines } from './support.js';

const ALL = { maxAgeDays: null, max: null };

t.test('the newest first, within the limits, without what was imported as it is', async (t) => {
  const { put, home, codexHome, repository } = planted(t);
  const files = ['a', 'b', 'c'].map((name, age) => {
    const file = put(sessionFile(name), sessionLines(repository));
    const at = Date.now() / 1000 - age * 20 * 86_400;
    fs.utimesSync(file, at, at);
    return file;
  });
  const found = async (limits: Partial<typeof ALL> | { maxAgeDays: number } | { max: number } = {}) =>
    (await findSessions(home, codexHome, { ...ALL, ...limits })).map(({ file }) => file);
  t.same(await found(), files.slice(0, 2), '30 days');
  t.same(await found({ maxAgeDays: 100 }), files);
  t.same(await found({ max: 1 }), files.slice(0, 1));
  t.same([await found({ max: 0 }), await found({ maxAgeDays: 0 })], [[], []]);
  const [first = ''] = files;
  const session = await sessionAt(first);
  const note = { source_path: first, imported_thread_id: 'x', imported_at: 1 };
  await noteImport(codexHome, { ...note, content_sha256: session?.sha256 ?? '' });
  t.same(await found(), files.slice(1, 2));
  fs.appendFileSync(first, '\n');
  t.same(await found(), files.slice(0, 2), 'it changed');
});

t.test('what is no session', async (t) => {
  const { put, home, codexHome, root } = planted(t);
  put(sessionFile('empty'), '');
  put(sessionFile('homeless'), JSON.stringify({ type: 'user', message: { content: 'x' } }));
  fs.truncateSync(put(sessionFile('huge'), 'x'), 33 * 1024 * 1024);
  fs.symlinkSync(put('outside.jsonl', sessionLines('/w')), put(sessionFile('link'), '').replace('link', 'linked'));
  t.same(await findSessions(home, codexHome, ALL), []);
  t.notOk(isSessionFile(home, `${root}/outside.jsonl`));
  t.notOk(isSessionFile(home, '/etc/passwd'));
  t.equal(await sessionAt(`${root}/none`), null);
});
