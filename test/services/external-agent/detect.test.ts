import t from 'tap';
import { silentLogger } from '../../../server/log/log.js';
import { detect } from '../../../server/services/external-agent/detect.js';
import { planted, sessionFile, sessionLines } from './support.js';

t.test('items of the home and of repositories, each repository once', async (t) => {
  const { put, home, codexHome, repository, root } = planted(t);
  const sessions = { maxAgeDays: null, max: null };
  const ask = (includeHome: boolean, cwds: string[]) =>
    detect({ home, codexHome }, { includeHome, cwds, ...sessions }, silentLogger);
  t.same(await ask(true, [repository]), []);
  put('home/.claude/CLAUDE.md', 'x');
  put(sessionFile(), sessionLines(repository));
  put('repository/CLAUDE.md', 'x');
  put('repository/.claude/settings.json', { env: { A: 'b' } });
  const found = async (includeHome: boolean, cwds: string[]) =>
    (await ask(includeHome, cwds)).map(({ itemType, cwd }) => [itemType, cwd ?? null]);
  t.same(await found(true, []), [
    ['AGENTS_MD', null],
    ['SESSIONS', null],
  ]);
  t.same(await found(false, [repository, `${repository}/sub`, root, 'relative']), [
    ['CONFIG', repository],
    ['AGENTS_MD', repository],
  ]);
  put('repository/.codex/config.toml', 'broken =');
  t.same(await found(false, [repository]), [['AGENTS_MD', repository]], 'a broken target hides its kinds alone');
});
