/**
 * Security bar: a command with the host's network is no client of the daemon's WebSocket listener, one connection at a
 * time or many at once beside real clients, of this daemon or of another one of this user.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { startChild } from '../fixtures/programs.js';
import { needsPython, PYTHON } from '../fixtures/python.js';
import { dialInitialized } from '../rpc/support.js';

t.setTimeout(120_000);

/** A daemon with a home of its own, and the port where it listens. */
async function listener(t: Test): Promise<number> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-own-listener-'));
  const child = startChild(
    process.execPath,
    [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'app-server', '--listen', 'ws://127.0.0.1:0'],
    { env: { CODEX_HOME: home }, cwd: home, stdin: 'ignore', stdout: 'ignore' },
  );
  t.teardown(async () => {
    child.kill('SIGTERM');
    await child;
    fs.rmSync(home, { recursive: true });
  });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const port = /listening on: ws:\/\/127\.0\.0\.1:(\d+)\n/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.stderr.once('end', () => reject(new Error(`the daemon ended: ${said}`)));
  });
}

/** Opens so many connections before it asks for the first WebSocket. Prints how often each status came. */
const ATTACK = `
import collections, os, socket, sys
port, count = int(sys.argv[1]), int(sys.argv[2])
ask = b'GET / HTTP/1.1\\r\\nHost: 127.0.0.1:%d\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\\r\\n\\r\\n' % port
opened = [socket.create_connection(('127.0.0.1', port)) for _ in range(count)]
for one in opened: one.send(ask)
def status(one):
    one.settimeout(30)
    return one.recv(100).split(b' ')[1:2][0].decode()
print(dict(collections.Counter(status(one) for one in opened)), flush=True)
`;

const HOST_NETWORK = { type: 'workspaceWrite', networkAccess: true };

t.test('connections of a sandboxed command to the daemon that runs it', needsPython, async (t) => {
  const port = await listener(t);
  const url = `ws://127.0.0.1:${port}`;
  const client = await dialInitialized(t, url);
  const attack = async (id: string, count: number): Promise<unknown> => {
    const command = [PYTHON, '-c', ATTACK, String(port), String(count)];
    return (await client.request(id, 'command/exec', { command, sandboxPolicy: HOST_NETWORK })).result;
  };
  t.match(await attack('one', 1), { exitCode: 0, stdout: "{'403': 1}\n" });
  const [attacked, ...others] = await Promise.all([
    attack('many', 60),
    ...Array.from({ length: 40 }, () => dialInitialized(t, url)),
  ]);
  t.match(attacked, { exitCode: 0, stdout: "{'403': 60}\n" });
  t.equal(others.length, 40, 'real clients were served meanwhile');
  t.match(await attack('after', 60), { exitCode: 0, stdout: "{'403': 60}\n" }, 'after many clients');
});

t.test('connections of a sandboxed command to another daemon of this user', needsPython, async (t) => {
  const [port, other] = await Promise.all([listener(t), listener(t)]);
  const client = await dialInitialized(t, `ws://127.0.0.1:${port}`);
  const command = [PYTHON, '-c', ATTACK, String(other), '60'];
  const { result } = await client.request('x', 'command/exec', { command, sandboxPolicy: HOST_NETWORK });
  t.match(result, { exitCode: 0, stdout: "{'403': 60}\n" });
  await dialInitialized(t, `ws://127.0.0.1:${other}`);
  t.pass('the control: a real client is served');
});
