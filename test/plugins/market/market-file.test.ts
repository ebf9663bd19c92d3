import path from 'node:path';
import t from 'tap';
import { marketIn, marketOf } from '../../../server/plugins/market/market-file.js';
import { pluginScene } from '../support.js';

t.test('the sources that an entry may have, and those that are left out', (t) => {
  const scene = pluginScene(t.testdir());
  const url = 'https://h.test/x.git';
  const plugins = [
    { name: 'text', source: './plugins/sample' },
    {
      name: 'local',
      source: { source: 'local', path: './a' },
      policy: { installation: 'NOT_AVAILABLE', authentication: 'ON_USE' },
    },
    { name: 'url', source: { source: 'url', url, ref: 'v1' }, policy: { installation: 'INSTALLED_BY_DEFAULT' } },
    { name: 'below', source: { source: 'git-subdir', url, path: 'a', sha: 'abc' } },
    { name: 'npm', source: { source: 'npm', package: '@a/b', version: '1' } },
    { name: 'away', source: './../outside' },
    { name: 'absolute', source: '/etc' },
    { name: 'plain', source: 'plugins/sample' },
    { name: 'unknown', source: { source: 'git', url } },
    { name: 'nothing' },
    { source: './plugins/sample' },
    'text',
  ];
  scene.write({ 'market/.agents/plugins/marketplace.json': { name: 'team', plugins } });
  const read = marketOf(scene.marketFile);
  t.ok(read !== null && 'market' in read);
  if (read === null || !('market' in read)) throw new Error('no market');
  t.same(read.market.root, scene.market);
  t.same(
    read.market.plugins.map(({ name, source, installation, authentication }) => [
      name,
      source,
      installation,
      authentication,
    ]),
    [
      ['text', { type: 'local', path: scene.plugin }, 'AVAILABLE', 'ON_INSTALL'],
      ['local', { type: 'local', path: path.join(scene.market, 'a') }, 'NOT_AVAILABLE', 'ON_USE'],
      ['url', { type: 'git', url, path: null, refName: 'v1', sha: null }, 'INSTALLED_BY_DEFAULT', 'ON_INSTALL'],
      ['below', { type: 'git', url, path: 'a', refName: null, sha: 'abc' }, 'AVAILABLE', 'ON_INSTALL'],
      ['npm', { type: 'npm', package: '@a/b', version: '1', registry: null }, 'AVAILABLE', 'ON_INSTALL'],
    ],
  );
  t.same(marketIn(scene.market), read);
  t.end();
});

t.test('faults are named with their file', (t) => {
  const scene = pluginScene(t.testdir());
  const say = (text: string | object) => {
    scene.write({ 'market/.agents/plugins/marketplace.json': text });
    return marketIn(scene.market);
  };
  const fault = (why: string) => ({ fault: `invalid marketplace file \`${scene.marketFile}\`: ${why}` });
  t.same(say('{nope'), fault('key must be a string at line 1 column 2'));
  t.match(say('{}'), fault('missing field `name` at line 1 column 2'));
  t.match(say({ name: 'a' }), fault('missing field `plugins` at line 1 column 12'));
  t.match(say({ name: '../x', plugins: [] }), { fault: /^invalid marketplace name/ });
  t.equal(marketIn(scene.work), null);
  scene.write({ 'work/.claude-plugin/marketplace.json': { name: 'other', plugins: [] } });
  t.match(marketIn(scene.work), { market: { name: 'other', root: scene.work } });
  t.end();
});
