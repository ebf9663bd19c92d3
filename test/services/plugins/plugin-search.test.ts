import t from 'tap';
import { searchPlugins } from '../../../server/services/plugins/plugin-search.js';
import { pluginScene } from '../../plugins/support.js';

const PLAIN = { searchTerm: 'sam', scope: null, cwds: null, cursor: null, limit: null };

t.test('names and titles, those that begin with the words first', (t) => {
  const scene = pluginScene(t.testdir());
  scene.write({
    'market/.agents/plugins/marketplace.json': {
      name: 'team',
      plugins: ['example', 'sample', 'other'].map((name) => ({
        name,
        source: name === 'other' ? './plugins/sample' : `./${name}`,
      })),
    },
    'home/config.toml': `[marketplaces.team]\nsource_type = "local"\nsource = ${JSON.stringify(scene.market)}\n`,
  });
  const found = (params: object) =>
    searchPlugins(scene.source, { ...PLAIN, ...params }).data.map(({ plugin }) => plugin.name);
  t.same(found({}), ['other', 'sample'], 'other has the title Sample');
  t.same(found({ searchTerm: 'AMPLE ' }), ['example', 'other', 'sample']);
  t.same(found({ scope: 'personal' }), ['other', 'sample']);
  for (const params of [
    { searchTerm: ' ' },
    { searchTerm: 'zzz' },
    { scope: 'global' },
    { scope: 'workspace' },
    { cursor: '1' },
  ])
    t.same(found(params), [], JSON.stringify(params));
  t.end();
});
