/**
 * Commands with `--remote`: those of the official program against codexd, and those of codexd against the official
 * program, over WebSocket and over a unix socket.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { connectUnixSocket, type Client } from '../../clients/typescript/index.js';
import { modelConfig } from '../fixtures/model-config.js';
import { say, startModelServer, type ModelServer } from '../fixtures/model-server.js';
import { codexd, scratch, type Ended, type Scratch } from '../fixtures/program.js';
import { startChild } from '../fixtures/programs.js';
import { CODEXD, official, OFFICIAL_VERSIONS, unless } from '../fixtures/real-clients.js';
import { until } from '../fixtures/until.js';
import { execa } from 'execa';

t.setTimeout(240_000);

/** The first version whose `exec` takes `--remote`. */
const FIRST_EXEC = '0.171.0';

type Program = readonly [string, ...string[]];
const CODEXD_PROGRAM: Program = [process.execPath, CODEXD];

interface Stage {
  readonly model: ModelServer;
  /** A home of the client's own. */
  readonly places: Scratch;
  readonly client: Client;
  /** `--remote` and an address: of the WebSocket, and of the unix socket. */
  readonly remotes: readonly (readonly string[])[];
}

/** Two servers of a program on one home: one at a WebSocket, and one at a unix socket. */
async function stage(t: Test, [command, ...args]: Program): Promise<Stage> {
  const model = await startModelServer();
  model.always(({ url }) => (url.endsWith('/models') ? { status: 404, body: {} } : say('hello there')));
  const server = scratch(t, modelConfig(model.url));
  const socket = path.join(server.user, 's.sock');
  const start = (listen: string) => {
    const child = startChild(command, [...args, 'app-server', '--listen', listen], {
      cwd: server.work,
      env: { CODEX_HOME: server.home, HOME: server.user },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.teardown(async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    });
    return child;
  };
  let said = '';
  start('ws://127.0.0.1:0').stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  void start(`unix://${socket}`);
  const url = (): string | undefined => /(ws:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
  await until(() => url() !== undefined && fs.existsSync(socket), 'both servers to listen');
  const client = await connectUnixSocket(socket, {
    clientInfo: { name: 'test', title: null, version: '0' },
    capabilities: { experimentalApi: true },
  });
  t.teardown(async () => {
    await client.close();
    await model.close();
  });
  const remotes = [
    ['--remote', url()!],
    ['--remote', `unix://${socket}`],
  ];
  return { model, places: scratch(t, ''), client, remotes };
}

const runOfficial = async (version: string, { home, work, user }: Scratch, args: readonly string[]): Promise<Ended> => {
  const { exitCode, stdout, stderr } = await execa(official(version)!, args, {
    cwd: work,
    env: { CODEX_HOME: home, HOME: user, RUST_BACKTRACE: '0' },
    input: '',
    timeout: 60_000,
    reject: false,
  });
  return { code: exitCode ?? null, stdout, stderr };
};

const turnsOf = async (client: Client, threadId: string): Promise<number> =>
  (await client.request('thread/turns/list', { threadId })).data.filter(({ status }) => status === 'completed').length;

for (const version of OFFICIAL_VERSIONS) {
  const skip = unless(official(version), `the official program ${version}`);
  t.test(`the verbs of ${version} against codexd`, { skip }, async (t) => {
    const { client, places, remotes } = await stage(t, CODEXD_PROGRAM);
    const [, remote = []] = remotes;
    const run = (verb: string, ...args: string[]) => runOfficial(version, places, [verb, ...remote, ...args]);
    const { thread } = await client.request('thread/start', {});
    const { id } = thread;
    await client.request('turn/start', { threadId: id, input: [{ type: 'text', text: 'hello' }] });
    await until(async () => (await turnsOf(client, id)) === 1, 'the first turn');
    await client.request('thread/name/set', { threadId: id, name: 'alpha' });

    t.match(await run('queue', '--thread', id, '--message', 'more'), { code: 0, stdout: /^Queued message \S+ for/ });
    await until(async () => (await turnsOf(client, id)) === 2, 'an idle thread takes the message at once');
    t.match(await run('archive', 'alpha'), { code: 0, stdout: /^Archived session/ });
    const refused = await run('queue', '--thread', id, '--message', 'more');
    t.match(refused, { code: 1, stderr: `session ${id} is archived. Run \`codex unarchive ${id}\` to unarchive it` });
    t.match(await run('archive', id), { code: 1 });
    t.match(await run('unarchive', 'alpha'), { code: 0, stdout: /^Unarchived session/ });
    t.match(await run('queue', '--thread', 'alpha', '--message', 'again'), { code: 0 });
    await until(async () => (await turnsOf(client, id)) === 3, 'a thread that was not loaded takes it as well');
    t.match(await run('delete', id, '--force'), { code: 0, stdout: /^Deleted session/ });
    t.match(await run('delete', id, '--force'), { code: 1 });
    t.match(await run('queue', '--thread', id, '--message', 'x'), {
      code: 1,
      stderr: /no rollout found for thread id/,
    });
  });

  const noExec = version < FIRST_EXEC ? `exec of ${version} takes no --remote` : false;
  t.test(`exec --remote of ${version} against codexd`, { skip: skip || noExec }, async (t) => {
    const { places, remotes } = await stage(t, CODEXD_PROGRAM);
    for (const remote of remotes) {
      const first = await runOfficial(version, places, ['exec', ...remote, 'hello']);
      t.match(first, { code: 0, stdout: 'hello there' });
      const id = /thread id: (\S+)/.exec(first.stderr)?.[1] ?? '';
      const second = await runOfficial(version, places, ['exec', 'resume', ...remote, '--json', id, 'more']);
      t.match(second, { code: 0, stdout: /"thread.started"[^]*"agent_message"[^]*"turn.completed"/ });
    }
  });

  t.test(`exec and threads of codexd against ${version}`, { skip }, async (t) => {
    const { model, places, remotes } = await stage(t, [official(version)!]);
    for (const remote of remotes) {
      const first = await codexd(places, ['exec', ...remote, 'hello']);
      t.match(first, { code: 0, stdout: 'hello there\n' });
      const id = /session id: (\S+)/.exec(first.stderr)?.[1] ?? '';
      const second = await codexd(places, ['exec', 'resume', ...remote, '--json', id, 'more']);
      t.match(second, { code: 0, stdout: /"thread.started"[^]*"agent_message"[^]*"turn.completed"/ });
      t.match(JSON.stringify(model.requests.at(-1)?.body), /hello[^]*hello there[^]*more/);
      // One server is the only writer of a thread.
      t.match(await codexd(places, ['archive', ...remote, id]), { code: 0, stdout: `Archived session ${id}.\n` });
      t.match(await codexd(places, ['threads', 'list', ...remote, '--archived']), { code: 0, stdout: id });
    }
    t.strictSame(fs.readdirSync(places.home), ['config.toml'], 'nothing is kept at this end');
  });
}
