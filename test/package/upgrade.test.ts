import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { connectWebSocket } from '../../clients/typescript/index.js';
import { packageRoot } from '../../server/package/package-root.js';
import { startChild } from '../fixtures/programs.js';

t.setTimeout(120_000);

/** A copy of the package in its own folder, as npm would install it. */
function install(t: Test): { readonly root: string; readonly installed: string } {
  const root = fs.realpathSync(t.testdir({ home: {}, work: {} }));
  const installed = path.join(root, 'node_modules', 'codexd');
  for (const part of ['bin', 'dist', 'package.json'])
    fs.cpSync(path.join(packageRoot(), part), path.join(installed, part), { recursive: true });
  return { root, installed };
}

t.test('a daemon whose package is removed continues, and reports that it is not ready', async (t) => {
  const { root, installed } = install(t);
  const daemon = startChild(path.join(installed, 'bin', 'codexd'), ['app-server', '--listen', 'ws://127.0.0.1:0'], {
    cwd: path.join(root, 'work'),
    env: { PATH: process.env.PATH, HOME: root, CODEX_HOME: path.join(root, 'home'), CODEXD_NODE: process.execPath },
    extendEnv: false,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => daemon.kill('SIGKILL'));
  let said = '';
  daemon.stderr.on('data', (piece) => (said += String(piece)));
  while (!/readyz: \S+/.test(said)) await once(daemon.stderr, 'data');
  const [, address] = /readyz: http:\/\/(\S+)\/readyz/.exec(said) ?? [];
  const ready = async (): Promise<string> => {
    const answer = await fetch(`http://${address}/readyz`);
    return `${answer.status} ${await answer.text()}`;
  };
  t.equal(await ready(), '200 ');

  fs.rmSync(installed, { recursive: true });
  t.match(await ready(), /^503 the files of codexd were replaced while it ran: restart it/);
  t.equal((await fetch(`http://${address}/healthz`)).status, 200);

  const client = await connectWebSocket(`ws://${address}`, { clientInfo: { name: 'test', version: '1' } });
  t.teardown(() => client.close());
  const sandboxPolicy = { type: 'dangerFullAccess' } as const;
  const { stdout } = await client.request('command/exec', { command: ['echo', 'hi'], sandboxPolicy });
  t.equal(stdout, 'hi\n');
  await client.request('config/read', {});
  await client.request('thread/list', {});
  await client.request('model/list', {});
  t.ok((await client.request('thread/start', {})).thread.id);
  await t.rejects(client.request('thread/read', { threadId: 7 as never }), /invalid type/i, 'refusals are explained');
  t.notMatch(said, /no package\.json|ENOENT/);
});
