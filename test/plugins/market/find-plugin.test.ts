import t from 'tap';
import { findPlugin } from '../../../server/plugins/market/find-plugin.js';
import { pluginScene } from '../support.js';

t.test('a plugin is named by its file and its name', (t) => {
  const scene = pluginScene(t.testdir());
  t.match(findPlugin(scene.marketFile, 'sample'), { market: { name: 'team' }, offered: { name: 'sample' } });
  const refused = (file: string, name: string, message: string | RegExp, rpcCode = -32600) =>
    t.throws(() => findPlugin(file, name), { rpcCode, message });
  refused(scene.marketFile, 'nope', 'plugin `nope` was not found in marketplace `team`');
  refused(scene.marketFile, 'a b', /^invalid plugin name/);
  refused(`${scene.market}/none.json`, 'sample', `marketplace file \`${scene.market}/none.json\` does not exist`);
  refused(scene.market, 'sample', /is a folder/, -32603);
  scene.write({ 'market/.agents/plugins/marketplace.json': '{nope' });
  refused(scene.marketFile, 'sample', /^invalid marketplace file/);
  t.end();
});
