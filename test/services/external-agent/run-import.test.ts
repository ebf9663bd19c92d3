import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Item } from '../../../server/services/external-agent/kind.js';
import type { SessionImports } from '../../../server/services/external-agent/import-session.js';
import { runImport } from '../../../server/services/external-agent/run-import.js';
import { planted } from './support.js';

t.test('a failure of one item leaves the others, and the types have their order', async (t) => {
  const { put, home, codexHome, repository } = planted(t);
  put('repository/CLAUDE.md', 'x');
  put('repository/.claude/settings.json', { env: { A: 'b' } });
  fs.symlinkSync(path.join(home, 'elsewhere'), path.join(repository, '.codex'));
  const item = (itemType: Item['itemType']): Item => ({ itemType, description: '', cwd: repository, details: null });
  const reported: string[] = [];
  const results = await runImport(
    { homes: { home, codexHome }, sessions: {} as SessionImports },
    [item('AGENTS_MD'), item('CONFIG')],
    'test',
    ({ itemType }) => reported.push(itemType),
  );
  t.same(reported, ['AGENTS_MD', 'CONFIG']);
  t.match(results, [
    { itemType: 'CONFIG', successes: [], failures: [{ failureStage: 'import', cwd: repository }] },
    {
      itemType: 'AGENTS_MD',
      successes: [{ cwd: repository, target: path.join(repository, 'AGENTS.md') }],
      failures: [],
    },
  ]);
  t.notOk(fs.existsSync(path.join(home, 'elsewhere')));
});
