import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { codexd, scratch } from '../../fixtures/program.js';

t.setTimeout(120_000);

t.test('marketplaces of the folder count, and a broken one is reported', async (t) => {
  const places = scratch(t, '');
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(places.work, name)), { recursive: true });
    fs.writeFileSync(path.join(places.work, name), text);
  };
  const file = '.agents/plugins/marketplace.json';
  write(file, JSON.stringify({ name: 'here', plugins: [{ name: 'a', source: './a' }] }));
  t.match(JSON.parse((await codexd(places, ['plugin', 'marketplace', 'list', '--json'])).stdout), {
    marketplaces: [{ name: 'here', root: places.work }],
  });
  t.match((await codexd(places, ['plugin', 'list'])).stdout, /^a@here {2}not installed/m);
  write(file, '{nope');
  t.match(await codexd(places, ['plugin', 'list']), {
    code: 0,
    stdout: 'No marketplace plugins found.\n',
    stderr: /^warning: invalid marketplace file .*key must be a string/,
  });
});
