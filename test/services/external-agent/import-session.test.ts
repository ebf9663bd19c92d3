import fs from 'node:fs';
import t from 'tap';
import { silentLogger } from '../../../server/log/log.js';
import { sessionAt } from '../../../server/services/external-agent/find-sessions.js';
import { importSession } from '../../../server/services/external-agent/import-session.js';
import { createThreadStore } from '../../../server/sessions/store/create-thread-store.js';
import { planted, sessionFile, sessionLines } from './support.js';

t.test('a thread with the times of the session, once; a lost thread is made again', async (t) => {
  const { put, codexHome, repository } = planted(t);
  const store = createThreadStore({ codexHome, log: silentLogger });
  const names: string[] = [];
  const catalog = { touched: () => undefined, setName: async (_id: string, name: string) => void names.push(name) };
  const deps = { codexHome, store, catalog, sessionSource: 'vscode', modelProvider: 'mock' };
  const session = await sessionAt(put(sessionFile(), sessionLines(repository)));
  if (session === null) throw new Error('there is no session');
  const id = await importSession(deps, session, 'test');
  t.ok(id);
  t.equal(await importSession(deps, session, 'test'), null);
  t.same(names, ['Please add a file']);
  const files = id === null ? null : await store.find(id);
  if (files === null) throw new Error('there is no thread');
  const head = await store.head(files);
  t.match(head, {
    preview: 'Please add a file',
    meta: { cwd: repository, originator: 'test', model_provider: 'mock' },
  });
  t.equal(head.createdAtMs, Date.parse('2026-01-02T03:04:05.000Z'));
  t.equal(fs.statSync(files.path).mtimeMs, Date.parse('2026-01-02T03:04:08.000Z'));

  fs.rmSync(files.path);
  const changed = await sessionAt(put(sessionFile(), `${sessionLines(repository)}\n`));
  if (changed === null) throw new Error('there is no session');
  const again = await importSession(deps, changed, 'test');
  t.ok(again !== null && again !== id);
});
