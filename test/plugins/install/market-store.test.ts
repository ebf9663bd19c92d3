import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { placeMarket, removeMarket } from '../../../server/plugins/install/market-store.js';
import { marketFolder, marketplacesFolder, OLD_MARKET } from '../../../server/plugins/plugin-places.js';

t.test('a marketplace is replaced as a whole, also after a kill between its two names', async (t) => {
  const home = t.testdir({ one: { a: '1' }, two: { a: '2' }, three: { a: '3' } });
  const text = () => fs.readFileSync(path.join(marketFolder(home, 'team'), 'a'), 'utf8');
  await placeMarket(home, 'team', path.join(home, 'one'));
  t.equal(text(), '1');
  await placeMarket(home, 'team', path.join(home, 'two'));
  t.equal(text(), '2');
  const folder = marketplacesFolder(home);
  fs.renameSync(path.join(folder, 'team'), path.join(folder, `${OLD_MARKET}team`));
  t.equal(text(), '2', 'a daemon was killed here');
  await placeMarket(home, 'team', path.join(home, 'three'));
  t.equal(text(), '3');
  t.same(fs.readdirSync(folder), ['team']);
  t.equal(await removeMarket(home, 'team'), path.join(folder, 'team'));
  t.equal(await removeMarket(home, 'team'), null);
});
