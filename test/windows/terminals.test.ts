/** Terminals of clients and of the model on Windows, with the built daemon. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { onConsole } from '../fixtures/on-console.js';
import { until } from '../fixtures/until.js';
import { onWindows } from '../fixtures/windows.js';
import type { Client } from '../../clients/typescript/index.js';

const PATIENCE_MS = 90_000;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const bytes = (data: unknown): string => Buffer.from(String(data), 'base64').toString();

async function connect(t: Test): Promise<Client> {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  return daemon.connect();
}

/** Everything that a notification with output has brought. */
function outputOf(client: Client, method: 'command/exec/outputDelta' | 'process/outputDelta'): () => string {
  let shown = '';
  client.onNotification(method, ({ deltaBase64 }) => void (shown += bytes(deltaBase64)));
  return () => shown;
}

const sandboxPolicy = { type: 'dangerFullAccess' } as const;

t.test('command/exec: output, input, size, end of input', onWindows, async (t) => {
  const client = await connect(t);
  const shown = outputOf(client, 'command/exec/outputDelta');
  const script = `const { stdin, stdout } = process;
    console.log([stdin.isTTY, stdout.columns, stdout.rows].join(' '));
    stdin.on('data', (line) => (String(line).startsWith('\\x1a') ? process.exit(5) : console.log('got ' + line)))`;
  const ended = client.request('command/exec', {
    command: onConsole(process.execPath, '-e', script),
    processId: 'one',
    tty: true,
    size: { rows: 30, cols: 90 },
    sandboxPolicy,
  });
  await until(() => shown().includes('true 90 30'), shown, PATIENCE_MS);
  t.strictSame(await client.request('command/exec/resize', { processId: 'one', size: { rows: 10, cols: 40 } }), {});
  await client.request('command/exec/write', { processId: 'one', deltaBase64: base64('hello\r') });
  await until(() => shown().includes('got hello'), shown, PATIENCE_MS);
  await client.request('command/exec/write', { processId: 'one', closeStdin: true });
  t.match(await ended, { exitCode: 5, stderr: '' });
});

t.test('command/exec: Ctrl-C, the timeout and terminate end it, with all that it started', onWindows, async (t) => {
  const client = await connect(t);
  const shown = outputOf(client, 'command/exec/outputDelta');
  const waiting = (name: string): string => `setInterval(() => {}, 1000); console.log('${name} waits')`;
  const waits = (processId: string, timeoutMs?: number) =>
    client.request('command/exec', {
      command: onConsole(process.execPath, '-e', waiting(processId)),
      processId,
      tty: true,
      sandboxPolicy,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  const interrupted = waits('a');
  await until(() => shown().includes('a waits'), shown, PATIENCE_MS);
  await client.request('command/exec/write', { processId: 'a', deltaBase64: base64('\x03') });
  const { exitCode } = await interrupted;
  t.ok(exitCode !== 1 && exitCode !== 124, `ended by Ctrl-C with ${exitCode}`);
  const terminated = waits('b');
  await until(() => shown().includes('b waits'), shown, PATIENCE_MS);
  await client.request('command/exec/terminate', { processId: 'b' });
  t.match(await terminated, { exitCode: 1 });
  t.match(await waits('c', 500), { exitCode: 124 });
});

t.test('process/spawn: a terminal, its size and its exit code', onWindows, async (t) => {
  const client = await connect(t);
  const shown = outputOf(client, 'process/outputDelta');
  const exits: unknown[] = [];
  client.onNotification('process/exited', (params) => void exits.push(params));
  const file = path.join(fs.mkdtempSync('/var/tmp/codexd-test-'), 'script.js');
  fs.writeFileSync(file, `console.log('rows ' + process.stdout.rows); process.exit(9)`);
  await client.request('process/spawn', {
    command: onConsole(process.execPath, file),
    processHandle: 'p',
    cwd: 'C:\\work',
    tty: true,
    size: { rows: 12, cols: 50 },
  });
  await until(() => exits.length > 0, shown, PATIENCE_MS);
  t.match(exits, [{ processHandle: 'p', exitCode: 9 }]);
  t.match(shown(), 'rows 12');
});
