/** `unix://` on Windows, with the built daemon: the client library, `app-server proxy`, and a second daemon. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { connectUnixSocket } from '../../clients/typescript/index.js';
import { packageRoot } from '../../server/package/package-root.js';
import { startChild } from '../fixtures/programs.js';
import { until } from '../fixtures/until.js';
import { onWindows } from '../fixtures/windows.js';

const PATIENCE_MS = 90_000;
const program = path.join(packageRoot(), 'bin', 'codexd.cjs');

t.test('a daemon listens on the pipe of a path', onWindows, async (t) => {
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-test-'));
  const file = path.join(root, 'sockets', 'a.sock');
  const env = { CODEX_HOME: root };
  const start = (...words: string[]) => startChild(process.execPath, [program, 'app-server', ...words], { env });
  const daemon = start('--listen', `unix://${file}`);
  t.teardown(() => daemon.kill('SIGKILL'));
  let said = '';
  daemon.stderr.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  await until(
    () => said.includes('listening on'),
    () => said,
    PATIENCE_MS,
  );

  const clientInfo = { name: 'codexd-test', title: null, version: '0' };
  const client = await connectUnixSocket(file.toUpperCase(), { clientInfo }).catch((error: unknown) => {
    throw new Error(said, { cause: error });
  });
  t.ok(await client.request('config/read', {}), 'another spelling of the path');
  await client.close();

  const second = start('--listen', `unix://${file}`);
  let refused = '';
  second.stderr.setEncoding('utf8').on('data', (piece: string) => (refused += piece));
  t.not((await second).exitCode, 0);
  t.match(refused, 'already in use');

  const proxy = start('proxy', '--sock', file);
  let answer = '';
  proxy.stdout.setEncoding('latin1').on('data', (piece: string) => (answer += piece));
  const key = Buffer.alloc(16).toString('base64');
  proxy.stdin.write(
    `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await until(
    () => answer.includes('101 Switching Protocols'),
    () => answer,
    PATIENCE_MS,
  );
  proxy.kill();
  daemon.kill('SIGKILL');
  await daemon;

  const next = start('--listen', `unix://${file}`);
  t.teardown(() => next.kill('SIGKILL'));
  let again = '';
  next.stderr.setEncoding('utf8').on('data', (piece: string) => (again += piece));
  await until(
    () => again.includes('listening on'),
    () => again,
    PATIENCE_MS,
  );
  t.pass('a killed daemon keeps nothing');
});
