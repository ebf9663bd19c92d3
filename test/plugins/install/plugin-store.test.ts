/** A version is whole at every moment: the old one or the new one. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  activateVersion,
  removeVersions,
  withPluginLock,
  withStaging,
} from '../../../server/plugins/install/plugin-store.js';
import { pluginId } from '../../../server/plugins/plugin-id.js';
import { installedVersion, pluginsFolder, versionsFolder, versionsIn } from '../../../server/plugins/plugin-places.js';

const ID = pluginId('sample', 'team');

const put = (home: string, version: string, text: string): Promise<string> =>
  withStaging(home, async (staging) => {
    const staged = path.join(staging, 'plugin');
    fs.mkdirSync(staged);
    fs.writeFileSync(path.join(staged, 'a'), text);
    return withPluginLock(home, () => activateVersion(home, ID, version, staged));
  });

t.test('a new version takes the place of all others', async (t) => {
  const home = t.testdir();
  const text = () => fs.readFileSync(path.join(installedVersion(home, ID)?.root ?? '', 'a'), 'utf8');
  await put(home, '1.0.0', 'one');
  await put(home, '1.0.0', 'two');
  t.equal(text(), 'two');
  await put(home, '0.9.0', 'older');
  t.same([text(), versionsIn(versionsFolder(home, ID))], ['older', ['0.9.0']]);
  t.same(fs.readdirSync(path.join(pluginsFolder(home), '.codexd-staging')), [], 'nothing is left');
  await withPluginLock(home, () => removeVersions(home, ID));
  t.equal(installedVersion(home, ID), null);
  t.notOk(fs.existsSync(path.dirname(versionsFolder(home, ID))));
  await withPluginLock(home, () => removeVersions(home, ID));
});

t.test('readers see a whole version while others install it again', async (t) => {
  const home = t.testdir();
  await put(home, '1.0.0', 'x');
  let running = true;
  const writers = Promise.all(
    [1, 2, 3].map(async () => {
      for (let n = 0; n < 8; n++) await put(home, '1.0.0', 'x');
    }),
  ).then(() => (running = false));
  let looks = 0;
  while (running) {
    const found = installedVersion(home, ID);
    if (found === null) t.fail('there is no version');
    looks++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writers;
  t.ok(looks > 0);
});

t.test('what a killed daemon left is removed after an hour', async (t) => {
  const home = t.testdir();
  const all = path.join(pluginsFolder(home), '.codexd-staging');
  for (const name of ['old', 'new']) fs.mkdirSync(path.join(all, name), { recursive: true });
  fs.utimesSync(path.join(all, 'old'), 1, 1);
  await withStaging(home, () => Promise.resolve());
  t.same(fs.readdirSync(all), ['new']);
});
