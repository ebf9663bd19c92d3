import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { startLocalServer } from '../fixtures/local-model-server.js';
import { codexd, scratch } from '../fixtures/program.js';
import { ask } from './support.js';

t.setTimeout(240_000);

t.test('the text has the same content, and a summary only the problems', async (t) => {
  const place = scratch(t, 'modle = "x"\n');
  const { code, stdout } = await codexd(place, ['doctor']);
  t.equal(code, 0, 'a typo is no failure');
  t.match(stdout, /^Sandbox$/m);
  t.match(stdout, /^ {2}warn {2}.*config\.toml:1:1: .*modle.*\n {8}To do: did you mean `model`/m);
  const summary = await codexd(place, ['doctor', '--summary']);
  t.notMatch(summary.stdout, /^Sandbox$|ok {2}/m);
  t.match(summary.stdout, /modle/);
  t.match(summary.stdout, /\d+ ok, \d+ to look at, 0 failed/);
});

t.test('a configuration with which the daemon cannot start is reported with its place', async (t) => {
  const place = scratch(t, 'model = [\n');
  t.match((await ask(t, place)).find('config.usable'), { status: 'fail', detail: /config\.toml:\d+:\d+/ });

  const system = path.join(place.user, 'system');
  fs.mkdirSync(system);
  fs.writeFileSync(path.join(place.home, 'config.toml'), '');
  const file = path.join(system, 'requirements.toml');
  fs.writeFileSync(file, 'allowed_sandbox_modes = [');
  const env = { CODEXD_SYSTEM_CONFIG_DIR: system };
  const broken = await ask(t, { ...place, env });
  t.match(broken.find('config.requirements'), { status: 'fail', fix: new RegExp(file) });
  t.match(broken.find('sandbox.workspace'), { status: 'ok' }, 'the machine is looked at all the same');
});

t.test('a local model server is asked for its models, and an unknown provider is named', async (t) => {
  const server = await startLocalServer({ as: 'vllm', models: ['qwen3:4b'] });
  t.teardown(() => server.close());
  const table = `[model_providers.mine]\nname = "Mine"\nbase_url = "${server.origin}/v1"\n`;
  const has = await ask(t, scratch(t, `model = "qwen3:4b"\nmodel_provider = "mine"\n${table}`));
  t.match(has.find('model.reachable'), { status: 'ok', detail: /qwen3:4b/ });
  t.match(has.find('model.key'), { status: 'ok', what: /no key/ });
  const other = await ask(t, scratch(t, `model = "other"\nmodel_provider = "mine"\n${table}`));
  t.match(other.find('model.reachable'), { status: 'fail', what: /has no model other/ });
  const none = await ask(t, scratch(t, 'model_provider = "missing-one"\n'));
  t.match(
    none.findings.find(({ detail, what }) => `${what}${detail}`.includes('missing-one')),
    { status: 'fail' },
  );
});

t.test('other daemons of the home, and a control socket that does not answer', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const root = path.dirname(daemon.home);
  const beside = await ask(t, { home: daemon.home, work: daemon.work, user: root });
  t.match(beside.find('daemons.running'), { status: 'ok', what: new RegExp(`process ${daemon.process.pid} `) });

  const place = scratch(t, '');
  const folder = path.join(place.home, 'app-server-control');
  fs.mkdirSync(folder);
  const mute = net.createServer(() => {}).listen(path.join(folder, 'app-server-control.sock'));
  t.teardown(() => mute.close());
  t.match((await ask(t, place)).find('daemons.control-socket'), { status: 'warn', what: /does not answer/ });
});
