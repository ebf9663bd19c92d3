import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { settingsKind, settingsOf } from '../../../server/services/external-agent/settings.js';
import { planted } from './support.js';

t.test('variables and the sandbox; the own file wins over the shared one', (t) => {
  const { put, text, shared } = planted(t);
  t.equal(settingsKind.detect(shared), null, 'there is nothing');
  put('repository/.claude/settings.json', {
    env: { A: 'shared', NUMBER: 3, YES: true, NONE: null, OBJECT: {} },
    sandbox: { enabled: true },
    hooks: { Stop: [{ hooks: [] }] },
  });
  put('repository/.claude/settings.local.json', { env: { A: 'own' }, hooks: { Stop: [1] } });
  t.same(settingsOf(shared).hooks, { Stop: [{ hooks: [] }, 1] });
  t.match(settingsKind.detect(shared), { description: /^Migrate .*settings\.json into .*config\.toml$/ });
  t.match(settingsKind.import(shared, null), [[/settings\.json$/, shared.config]]);
  t.strictSame(
    parseToml(text('repository/.codex/config.toml')),
    parseToml(`sandbox_mode = "workspace-write"
[shell_environment_policy]
inherit = "core"
set = { A = "own", NUMBER = "3", YES = "true" }`),
  );
  t.equal(settingsKind.detect(shared), null, 'it is there');
  t.same(settingsKind.import(shared, null), []);
  t.end();
});
