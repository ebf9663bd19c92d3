/** The program itself. Under Wine every wall lies, so a set-up ends at a step with its name, and without a marker. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { codexd, scratch } from '../../fixtures/program.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere it says that it is for Windows', notOnWindows, async (t) => {
  const places = scratch(t, '');
  for (const args of [[], ['--remove'], ['--mode', 'unelevated', '--json']]) {
    const { code, stderr, stdout } = await codexd(places, ['windows-sandbox-setup', ...args]);
    t.equal(code, 1);
    t.match(stderr, /^Error: `codexd windows-sandbox-setup` is only supported on Windows/);
    t.equal(stdout, '');
  }
  t.strictSame(fs.readdirSync(places.home), ['config.toml']);
});

t.test(
  'a set-up whose walls lie ends at a step, without a marker and without a word in the configuration',
  onWindows,
  async (t) => {
    const places = scratch(t, '');
    const plain = await codexd(places, ['windows-sandbox-setup']);
    t.match(plain.stderr, /^Error: not_elevated: .*Run as administrator/);
    for (const args of [['--elevate'], ['--mode', 'unelevated']]) {
      const { code, stderr } = await codexd(places, ['windows-sandbox-setup', ...args]);
      t.equal(code, 1);
      t.match(stderr, /^Error: (?:folder|group): .*cannot be/, args.join(' '));
    }
    const { stdout } = await codexd(places, ['windows-sandbox-setup', '--elevate', '--json']);
    t.match(JSON.parse(stdout), { failure: { code: /^(?:folder|group)$/, text: String } });
    t.equal(fs.readFileSync(path.join(places.home, 'config.toml'), 'utf8'), '');
    t.notOk(fs.existsSync(path.join(places.home, '.codexd-sandbox', 'setup.json')));
    const removal = await codexd(places, ['windows-sandbox-setup', '--remove', '--elevate']);
    t.equal(removal.code, 1, 'what cannot be seen is not called removed');
    t.match(removal.stderr, /^Error: firewall: .*cannot be read back/);
    const report = await codexd(places, ['windows-sandbox-setup', '--report', 'C:\\work\\file']);
    t.match(report.stderr, /--report takes the pipe/);
    t.notOk(fs.existsSync('C:\\work\\file'));
  },
);
