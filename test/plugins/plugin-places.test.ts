import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { pluginId } from '../../server/plugins/plugin-id.js';
import {
  dataFolder,
  installedVersion,
  marketFolder,
  marketplacesFolder,
  OLD_MARKET,
  REPLACED,
  versionsFolder,
  versionsIn,
} from '../../server/plugins/plugin-places.js';

const ID = pluginId('sample', 'team');

t.test('the version that counts', (t) => {
  const home = t.testdir();
  const folder = versionsFolder(home, ID);
  t.equal(folder, path.join(home, 'plugins', 'cache', 'team', 'sample'));
  t.equal(dataFolder(home, ID), path.join(home, 'plugins', 'data', 'sample-team'));
  t.equal(installedVersion(home, ID), null);
  const make = (name: string) => fs.mkdirSync(path.join(folder, name), { recursive: true });
  make(`1.2.3${REPLACED}`);
  t.same(
    installedVersion(home, ID),
    { version: '1.2.3', root: path.join(folder, `1.2.3${REPLACED}`) },
    'a killed daemon left it',
  );
  make('1.2.3');
  t.equal(installedVersion(home, ID)?.root, path.join(folder, '1.2.3'));
  make('1.10.0');
  t.equal(installedVersion(home, ID)?.version, '1.10.0', 'numbers count as numbers');
  make('local');
  t.equal(installedVersion(home, ID)?.version, 'local');
  fs.writeFileSync(path.join(folder, '9'), '');
  t.same(versionsIn(folder).sort(), ['1.10.0', '1.2.3', `1.2.3${REPLACED}`, 'local'], 'files are no versions');
  t.end();
});

t.test('a Git marketplace is found under its second name while it has only that one', (t) => {
  const home = t.testdir();
  const folder = marketplacesFolder(home);
  t.equal(marketFolder(home, 'team'), path.join(folder, 'team'));
  fs.mkdirSync(path.join(folder, `${OLD_MARKET}team`), { recursive: true });
  t.equal(marketFolder(home, 'team'), path.join(folder, `${OLD_MARKET}team`));
  fs.mkdirSync(path.join(folder, 'team'));
  t.equal(marketFolder(home, 'team'), path.join(folder, 'team'));
  t.end();
});
