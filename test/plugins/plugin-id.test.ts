import t from 'tap';
import {
  marketplaceNameFault,
  pluginId,
  pluginNameFault,
  readPluginId,
  versionFault,
} from '../../server/plugins/plugin-id.js';

t.test('names become folders and keys, so that they have few characters', (t) => {
  for (const name of ['a', 'A-b_c.d', '1']) t.equal(pluginNameFault(name), null, name);
  for (const name of ['', '.', '..', 'a..b', '.a', 'a/b', 'a\\b', 'a b', 'a"b', 'ä', 'a\0', 'a@b', 'x'.repeat(129)])
    t.match(pluginNameFault(name), /^invalid plugin name/, JSON.stringify(name));
  for (const name of ['team', 'A-b_1']) t.equal(marketplaceNameFault(name), null, name);
  for (const name of ['', '.', '..', 'a.b', 'a/b', 'a b'])
    t.match(marketplaceNameFault(name), /^invalid marketplace/, name);
  for (const version of ['1.0.0', 'local', '1+a']) t.equal(versionFault(version), null, version);
  for (const version of ['', '.', '..', '../..', '1/2', '1 2'])
    t.match(versionFault(version), /^invalid plugin/, version);
  t.end();
});

t.test('an id is read as it is written', (t) => {
  t.same(readPluginId('sample@team'), pluginId('sample', 'team'));
  t.equal(pluginId('sample', 'team').id, 'sample@team');
  for (const text of ['sample', '@team', 'sample@', 'a@b@c', '../x@team', 'sample@..'])
    t.equal(readPluginId(text), null, text);
  t.end();
});
