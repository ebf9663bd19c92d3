/** `codexd exec --remote`: the turn runs on a server that is there already. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { connectWebSocket } from '../../clients/typescript/index.js';
import { startDaemon } from '../fixtures/daemon.js';
import { say, startModelServer, type ModelServer, type Step } from '../fixtures/model-server.js';
import { codexd, scratch, scriptedConfig, type Ended } from '../fixtures/program.js';

t.setTimeout(180_000);

const TOKEN = 'a-token-of-thirty-two-characters';

async function stage(t: Test, ...script: Step[]) {
  const model = await startModelServer(...script);
  t.teardown(() => model.close());
  const tokenFile = path.join(scratch(t, '').home, 'token');
  fs.writeFileSync(tokenFile, TOKEN);
  const daemon = await startDaemon({
    config: scriptedConfig(model.url),
    args: ['--ws-auth', 'capability-token', '--ws-token-file', tokenFile],
  });
  t.teardown(() => daemon.stop());
  // A home of its own, with nothing in it: what counts is the server's.
  const places = { ...scratch(t, ''), env: { DAEMON_TOKEN: TOKEN, EMPTY: '' } };
  const remote = ['--remote', daemon.url, '--remote-auth-token-env', 'DAEMON_TOKEN'];
  const exec = (...args: string[]): Promise<Ended> => codexd(places, ['exec', ...remote, ...args]);
  return { model, daemon, places, exec };
}

const modelOf = (model: ModelServer): unknown => model.requests.at(-1)?.body.model;

t.test('a turn, its continuation and a copy of it', async (t) => {
  const { model, daemon, places, exec } = await stage(t, say('one'), say('two'), say('three'));
  const first = await exec('--thread-source', 'nightly', 'hello');
  t.match(first, { code: 0, stdout: 'one\n' });
  t.match(first.stderr, `workdir: ${daemon.work}`, 'the folder of the server');
  t.equal(modelOf(model), 'mock-model', 'the configuration of the server');
  t.strictSame(fs.readdirSync(places.home), ['config.toml'], 'nothing is kept at this end');
  const [, id = ''] = /session id: (\S+)/.exec(first.stderr) ?? [];
  const second = await exec('-m', 'another', 'resume', id, 'go on');
  t.match(second, { code: 0, stdout: 'two\n' });
  t.equal(modelOf(model), 'another');
  t.match(await exec('fork', '--last', 'and again'), { code: 0, stdout: 'three\n' });
  const widened = await exec('-s', 'danger-full-access', 'resume', id, 'x');
  t.match(widened, { code: 1, stderr: /is held to .*, not to `--sandbox danger-full-access`/ });
  const client = await connectWebSocket(daemon.url, { token: TOKEN });
  const { data } = await client.request('thread/list', { sourceKinds: ['exec', 'vscode', 'appServer', 'cli'] });
  t.ok(data.some(({ threadSource }) => threadSource === 'nightly'));
  await client.close();
});

t.test('values of the command line reach the thread', async (t) => {
  const { exec } = await stage(t, say('one'));
  const ended = await exec('-c', 'model_reasoning_effort="high"', '-s', 'read-only', 'hello');
  t.match(ended, { code: 0, stderr: /sandbox: read-only\nreasoning effort: high\n/ });
});

t.test('contradictory options are refused before any request', async (t) => {
  const { daemon, places, model } = await stage(t);
  const rows: [args: string[], error: string | RegExp][] = [
    [['--remote-auth-token-env', 'DAEMON_TOKEN'], '`--remote-auth-token-env` requires `--remote`.'],
    [['--remote', 'http://127.0.0.1:1'], /invalid remote address `http:.*`; expected `ws:/],
    [['--remote', 'ws://127.0.0.1'], /invalid remote address/],
    [['--remote', `${daemon.url}/path`], /invalid remote address/],
    [['--remote', daemon.url, '--remote-auth-token-env', 'NOT_THERE'], 'environment variable `NOT_THERE` is not set'],
    [['--remote', daemon.url, '--remote-auth-token-env', 'EMPTY'], 'environment variable `EMPTY` is empty'],
    [['--remote', 'ws://192.0.2.1:1', '--remote-auth-token-env', 'DAEMON_TOKEN'], /requires a `wss:..` or loopback/],
    [['--remote', 'unix://', '--remote-auth-token-env', 'DAEMON_TOKEN'], /requires a `wss:..` or loopback/],
    [['--remote', daemon.url, '--oss'], /--oss cannot be used with --remote/],
    [['--remote', daemon.url, '-p', 'work'], /--profile cannot be used with --remote/],
    [['--remote', daemon.url, '-C', 'work'], /an absolute path/],
    [['--remote', daemon.url], /failed to connect .*401/],
    [
      ['--remote', 'unix://none.sock'],
      `failed to connect to remote app server at \`unix://${places.work}/none.sock\`: `,
    ],
  ];
  for (const [args, error] of rows) {
    const ended = await codexd(places, ['exec', ...args, 'hello']);
    t.equal(ended.code, 1, args.join(' '));
    t.match(ended.stderr, error);
  }
  t.equal(model.requests.length, 0);
});
