import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { configuredMarkets, marketplaces } from '../../../server/plugins/market/marketplaces.js';
import { pluginScene } from '../support.js';

t.test('entries of the configuration', (t) => {
  const table = parseToml(`
[marketplaces.team]
source_type = "local"
source = "/srv/team"
[marketplaces.git]
source_type = "git"
source = "https://h.test/x.git"
ref = "v1"
sparse_paths = ["a"]
[marketplaces.relative]
source_type = "local"
source = "team"
[marketplaces."../x"]
source_type = "git"
source = "https://h.test/x.git"
[marketplaces.nothing]
source_type = "local"
`);
  t.same(configuredMarkets(table, '/home'), [
    { name: 'team', kind: 'local', source: '/srv/team', ref: null, sparsePaths: [], root: '/srv/team' },
    {
      name: 'git',
      kind: 'git',
      source: 'https://h.test/x.git',
      ref: 'v1',
      sparsePaths: ['a'],
      root: path.join('/home', '.tmp', 'marketplaces', 'git'),
    },
  ]);
  t.end();
});

t.test('those of the person, of projects and of the configuration, each once', (t) => {
  const scene = pluginScene(t.testdir());
  const gone = path.join(scene.work, 'gone');
  scene.write({
    'home/config.toml': `[marketplaces.team]\nsource_type = "local"\nsource = ${JSON.stringify(scene.market)}\n[marketplaces.gone]\nsource_type = "local"\nsource = ${JSON.stringify(gone)}\n`,
    'user/.agents/plugins/marketplace.json': { name: 'mine', plugins: [] },
    'project/.agents/plugins/marketplace.json': { name: 'project', plugins: [] },
    'broken/.agents/plugins/marketplace.json': '{nope',
  });
  const root = path.dirname(scene.home);
  fs.mkdirSync(path.join(root, 'project', '.git'));
  fs.mkdirSync(path.join(root, 'project', 'below'));
  const env = { CODEXD_SYSTEM_CONFIG_DIR: path.join(root, 'etc'), HOME: path.join(root, 'user') };
  const source = createConfigService({ codexHome: scene.home, cwd: scene.work, env });
  const named = (cwds: readonly string[]) => marketplaces(source, cwds).markets.map(({ name }) => name);
  t.same(named([]), ['mine', 'team']);
  t.same(named([path.join(root, 'project', 'below'), path.join(root, 'project')]), ['mine', 'project', 'team']);
  t.match(marketplaces(source, [path.join(root, 'broken')]).errors, [
    {
      marketplacePath: path.join(root, 'broken', '.agents', 'plugins', 'marketplace.json'),
      message: /key must be a string/,
    },
    { marketplacePath: gone, message: /`gone` has no marketplace.json/ },
  ]);
  t.end();
});
