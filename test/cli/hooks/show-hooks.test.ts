/** `codexd hooks list`, as a person runs it. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { codexd, scratch } from '../../fixtures/program.js';

t.setTimeout(120_000);

t.test('hooks with what is wrong, as text and as the protocol has them', async (t) => {
  const places = scratch(t, '[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = "prompt"\n');
  t.match(await codexd(places, ['hooks', 'list']), {
    code: 0,
    stdout: 'No hooks are configured for this folder.\n',
    stderr: /^warning: skipping prompt hook in /,
  });
  const hooks = { Stop: [{ hooks: [{ type: 'command', command: 'true' }] }] };
  fs.writeFileSync(path.join(places.home, 'hooks.json'), JSON.stringify({ hooks }));
  t.match((await codexd(places, ['hooks', 'list'])).stdout, /^Stop: does not run: nobody has looked at it\n {4}true\n/);
  const { stdout } = await codexd(places, ['hooks', 'list', '--json']);
  t.match(JSON.parse(stdout), { cwd: places.work, hooks: [{ eventName: 'stop', command: 'true' }], errors: [] });
});

t.test('required hooks that cannot run, and a configuration that is not valid', async (t) => {
  const system = t.testdir({ 'requirements.toml': '[[hooks.Nope]]\n' });
  const places = { ...scratch(t, ''), env: { CODEXD_SYSTEM_CONFIG_DIR: system } };
  t.match(await codexd(places, ['hooks', 'list']), { code: 1, stderr: /^no thread runs here: hooks\.Nope of / });
  const broken = scratch(t, 'model = 5\n');
  t.match(await codexd(broken, ['hooks', 'list']), { code: 1, stdout: '', stderr: /config\.toml:1:9: invalid type/ });
});
