/** Which hooks `codexd hooks` speaks of. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { codexd, scratch } from '../../fixtures/program.js';

t.setTimeout(120_000);

t.test('those of the folder: a project counts if it is trusted, and so does the command line', async (t) => {
  const places = scratch(t, '');
  const hooks = { Stop: [{ hooks: [{ type: 'command', command: 'of the project' }] }] };
  fs.mkdirSync(path.join(places.work, '.codex'));
  fs.mkdirSync(path.join(places.work, '.git'));
  fs.writeFileSync(path.join(places.work, '.codex', 'hooks.json'), JSON.stringify({ hooks }));
  const list = async (...options: string[]) => (await codexd(places, [...options, 'hooks', 'list'])).stdout;
  t.notMatch(await list(), /of the project/);
  const trust = `[projects.${JSON.stringify(places.work)}]\ntrust_level = "trusted"\n`;
  fs.writeFileSync(path.join(places.home, 'config.toml'), trust);
  t.match(await list(), /of the project/);
  t.notMatch(await list('-c', 'features.hooks=false'), /of the project/);
  t.match(await codexd(places, ['--strict-config', 'hooks', 'list']), { code: 1, stderr: /not supported/ });
});
