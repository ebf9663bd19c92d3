import t from 'tap';
import path from 'node:path';
import fs from 'node:fs';
import { parseToml } from '../../server/config/toml/parse-toml.js';
import { placedServer } from '../../server/plugins/placed-server.js';

t.test('folders and programs of a plugin', (t) => {
  const root = fs.realpathSync(t.testdir({ bin: {} }));
  const place = (text: string) => placedServer(parseToml(text), { root, data: '/data' }, new Set(['SECRET']));
  t.match(place('command = "./bin/x"'), { command: path.join(root, 'bin', 'x') });
  t.match(place('command = "x"\ncwd = "${PLUGIN_ROOT}/bin"'), { command: 'x', cwd: path.join(root, 'bin') });
  t.match(place('command = "${PLUGIN_DATA}/x"'), { command: '/data/x' });
  t.match(place('command = "x"\ncwd = "${PLUGIN_ROOT}/.."'), /cwd is no folder of the plugin/);
  t.match(place('command = "x"\ncwd = "none"'), /cwd is no folder of the plugin/);
  t.match(place('command = "../x"'), /leads out of the plugin/);
  t.match(place('url = "http://x"\nbearer_token_env_var = "SECRET"'), /asks for SECRET/);
  t.match(place('command = "x"\nenv_vars = [{ name = "SECRET" }]'), /asks for SECRET/);
  t.end();
});
