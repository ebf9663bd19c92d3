import t from 'tap';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectStdio, connectUnixSocket, connectWebSocket, runCommand } from '../../../clients/typescript/index.js';
import { startDaemon } from '../../../clients/demo/daemon.js';
import { packageRoot } from '../../../server/package/package-root.js';
import { failure } from './failure.js';

const home = mkdtempSync(path.join(tmpdir(), 'codexd-client-test-'));
t.teardown(() => rmSync(home, { recursive: true }));
const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
const env = { ...process.env, CODEX_HOME: home };
const open = { type: 'dangerFullAccess' } as const;

const daemon = await startDaemon({ program, cwd: home, env });
t.teardown(() => daemon.stop());

const transports = {
  stdio: () => connectStdio({ command: process.execPath, args: [program, 'app-server'], env, cwd: home }),
  WebSocket: () => connectWebSocket(daemon.url),
  'unix socket': () => connectUnixSocket(daemon.socketPath),
};
for (const [name, connect] of Object.entries(transports)) {
  t.test(`the daemon runs commands for a client over ${name}`, async (t) => {
    const client = await connect();
    t.teardown(() => client.close());
    t.equal(client.server.codexHome, home);
    const { exitCode, stdout } = await client.request('command/exec', {
      command: ['sh', '-c', 'echo hello; exit 3'],
      sandboxPolicy: open,
    });
    t.strictSame({ exitCode, stdout }, { exitCode: 3, stdout: 'hello\n' });

    const error = await failure(client.request('command/exec', { command: [] }));
    t.match(error, { kind: 'server', code: -32600, message: 'command must not be empty' });
  });

  t.test(`a consumer that pauses receives 8 MiB completely over ${name}`, async (t) => {
    const client = await connect();
    t.teardown(() => client.close());
    let bytes = 0;
    let pauses = 0;
    const { done } = runCommand(
      client,
      { command: ['head', '-c', String(8 * 1024 * 1024), '/dev/zero'], disableOutputCap: true, sandboxPolicy: open },
      {
        onOutput: (_stream, data) => {
          bytes += data.length;
          if (bytes < pauses * 1024 * 1024) return;
          pauses++;
          client.pause();
          setTimeout(() => client.resume(), 5);
        },
      },
    );
    t.equal((await done).exitCode, 0);
    t.equal(bytes, 8 * 1024 * 1024);
  });

  t.test(`a client writes to a command and terminates it over ${name}`, async (t) => {
    const client = await connect();
    t.teardown(() => client.close());
    let output = '';
    const cat = runCommand(
      client,
      { command: ['cat'], streamStdin: true, sandboxPolicy: open },
      { onOutput: (_stream, data) => (output += data.toString()) },
    );
    await cat.write('one\n');
    await cat.write(Buffer.from('two\n'));
    await cat.closeStdin();
    t.equal((await cat.done).exitCode, 0);
    t.equal(output, 'one\ntwo\n');
    await cat.terminate(); // has ended: nothing to do

    const stop = new AbortController();
    const sleeper = runCommand(
      client,
      { command: ['sh', '-c', 'echo up; sleep 60'], disableTimeout: true, sandboxPolicy: open },
      { signal: stop.signal, onOutput: () => stop.abort() },
    );
    t.not((await sleeper.done).exitCode, 0);
  });
}
