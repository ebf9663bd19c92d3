import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { addToConfig, missing } from '../../../server/services/external-agent/config-target.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { planted } from './support.js';

t.test('only what is missing is added, and the rest of the text stays', (t) => {
  const { put, text, user } = planted(t);
  put('home/.codex/config.toml', '# mine\nmodel = "x" # why\n[a]\nb = 1\n');
  addToConfig(user, parseToml('model = "y"\n[a]\nb = 2\nc = 3\n[d]\ne = "f"\n'));
  const after = text('home/.codex/config.toml');
  t.match(after, '# mine\nmodel = "x" # why\n');
  t.strictSame(parseToml(after), parseToml('model = "x"\n[a]\nb = 1\nc = 3\n[d]\ne = "f"\n'));
  t.equal(missing(parseToml(after), parseToml('[a]\nb = 9\n')), null);
  t.end();
});

t.test('a broken file and a link are left alone', (t) => {
  const { put, text, user, shared, repository, root } = planted(t);
  put('home/.codex/config.toml', 'broken = \n');
  t.throws(() => addToConfig(user, parseToml('a = 1')));
  t.equal(text('home/.codex/config.toml'), 'broken = \n');
  put('repository/.codex/other', '');
  fs.symlinkSync(path.join(root, 'home', '.codex', 'new.toml'), path.join(repository, '.codex', 'config.toml'));
  t.throws(() => addToConfig(shared, parseToml('a = 1')), { message: /nothing is written through a link/ });
  t.notOk(fs.existsSync(path.join(root, 'home', '.codex', 'new.toml')));
  t.same(fs.readdirSync(path.join(repository, '.codex')).sort(), ['config.toml', 'other'], 'nothing is left over');
  t.end();
});
