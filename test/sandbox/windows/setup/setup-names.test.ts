import t from 'tap';
import { setupNames } from '../../../../server/sandbox/windows/setup/setup-names.js';

t.test('each Codex home has its own names, which Windows accepts', async (t) => {
  const names = setupNames('C:\\Users\\me\\.codex');
  t.strictSame(setupNames('c:\\users\\ME\\.codex\\'), names, 'the same home in another spelling');
  t.not(setupNames('C:\\Users\\you\\.codex').offline, names.offline);
  for (const name of Object.values(names)) t.match(name, /^codexd_[a-z0-9_]{1,13}$/);
  t.equal(new Set([names.offline, names.online, names.group]).size, 3);
});
