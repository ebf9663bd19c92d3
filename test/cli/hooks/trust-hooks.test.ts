/** `codexd hooks trust`, as a person runs it. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { codexd, scratch, type Scratch } from '../../fixtures/program.js';

t.setTimeout(120_000);

const CONFIG = `# a remark
[[hooks.Stop]]
[[hooks.Stop.hooks]]
type = "command"
command = "first"
[[hooks.Stop.hooks]]
type = "command"
command = "second"
`;

const config = ({ home }: Scratch): string => fs.readFileSync(path.join(home, 'config.toml'), 'utf8');
const keyOf = ({ home }: Scratch, index: number): string => `${path.join(home, 'config.toml')}:stop:0:${index}`;
const statuses = async (places: Scratch): Promise<string[]> => {
  const { stdout } = await codexd(places, ['hooks', 'list', '--json']);
  return (JSON.parse(stdout) as { hooks: { trustStatus: string }[] }).hooks.map(({ trustStatus }) => trustStatus);
};

t.test('a yes is written for the text that was shown, and taken back', async (t) => {
  const places = scratch(t, CONFIG);
  t.match(await codexd(places, ['hooks', 'trust', '--yes', keyOf(places, 0)]), {
    code: 0,
    stdout: /^ {4}first$[^]*runs from now on/m,
    stderr: '',
  });
  t.same(await statuses(places), ['trusted', 'untrusted']);
  t.match(config(places), /^# a remark\n/);
  fs.writeFileSync(path.join(places.home, 'config.toml'), config(places).replace('"first"', '"other"'));
  t.same(await statuses(places), ['modified', 'untrusted'], 'the yes was for another text');
  t.match(await codexd(places, ['hooks', 'trust', '--yes']), { code: 0, stdout: /other[^]*second/ });
  t.same(await statuses(places), ['trusted', 'trusted']);
  t.match(await codexd(places, ['hooks', 'trust']), { code: 0, stdout: 'No hook of this folder waits for a yes.\n' });
  t.match(await codexd(places, ['hooks', 'trust', '--revoke']), { code: 0, stdout: /does not run any more/ });
  t.same(await statuses(places), ['untrusted', 'untrusted']);
  t.equal(config(places), CONFIG.replace('"first"', '"other"'));
});

t.test('nobody is there to be asked: nothing is trusted', async (t) => {
  const places = scratch(t, CONFIG);
  t.match(await codexd(places, ['hooks', 'trust'], 'y\ny\n'), { code: 1, stdout: /nothing was changed/ });
  t.equal(config(places), CONFIG);
});

t.test('a hook that is switched off stays off, and a key must exist', async (t) => {
  const places = scratch(t, CONFIG);
  const off = `${CONFIG}\n[hooks.state."${keyOf(places, 1)}"]\nenabled = false\n`;
  fs.writeFileSync(path.join(places.home, 'config.toml'), off);
  t.match(await codexd(places, ['hooks', 'trust', '--yes']), { stdout: /second[^]*is trusted, and is switched off/ });
  t.match(config(places), /enabled = false/);
  await codexd(places, ['hooks', 'trust', '--revoke', keyOf(places, 1)]);
  t.match(config(places), /:stop:0:1"\]\nenabled = false\n(?:\n|$)/);
  t.match(await codexd(places, ['hooks', 'trust', 'x']), { code: 1, stderr: /no hook of this folder has the key x/ });
});
