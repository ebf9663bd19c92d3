/** Whole turns on Windows, with the built daemon and a scripted model. */
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { modelConfig } from '../fixtures/model-config.js';
import { items, say, startModelServer, type ModelServer } from '../fixtures/model-server.js';
import { startChild } from '../fixtures/programs.js';
import { exec, outputOf, runTurn } from '../fixtures/turn-scene.js';
import { onWindows } from '../fixtures/windows.js';
import type { Client } from '../../clients/typescript/index.js';

interface Place {
  readonly daemon: TestDaemon;
  readonly model: ModelServer;
  readonly client: Client;
}

async function start(t: Test, more = ''): Promise<Place> {
  const model = await startModelServer();
  const config = modelConfig(model.url).replace('sandbox_mode = "read-only"', 'sandbox_mode = "danger-full-access"');
  const daemon = await startDaemon({ config: config + more });
  t.teardown(async () => {
    await daemon.stop();
    await model.close();
  });
  return { daemon, model, client: await daemon.connect() };
}

const PATCH = (file: string): string => `*** Begin Patch
*** Add File: ${file}
+one
*** End Patch
`;

/** Models without a patch tool write it as a command; codexd makes the patch itself. */
const inShell = (patch: string): string => `apply_patch <<'PATCH'\n${patch}PATCH`;

t.test('a turn runs a command and a patch, and its thread is resumed by another daemon', onWindows, async (t) => {
  const { daemon, model, client } = await start(t);
  const { thread } = await client.request('thread/start', { cwd: daemon.work });
  model.push(
    items(exec('c1', 'echo "a  b" & cd', { shell: 'cmd.exe' })),
    items(exec('c2', 'echo one\necho two', { shell: 'cmd.exe' })),
    items(exec('c3', inShell(PATCH('folder\\new.txt')))),
    say('done'),
  );
  const turn = await runTurn(client, thread.id, 'go');
  t.equal(turn.status, 'completed', JSON.stringify(turn.error));
  const first = outputOf(model, 'c1') ?? '';
  t.match(first, '"a  b"', 'quotes of the script are its own');
  t.match(first, daemon.work);
  t.match(outputOf(model, 'c2'), /cmd\.exe runs one line/, 'no line is lost in silence');
  t.match(outputOf(model, 'c3'), /Success\. Updated the following files/, 'the patch is made');
  t.equal(fs.readFileSync(path.join(daemon.work, 'folder', 'new.txt'), 'utf8'), 'one\n');
  t.match(JSON.stringify(model.requests[0]?.body), '<shell>powershell</shell>');
  await client.request('thread/name/set', { threadId: thread.id, name: 'Named' });
  await client.close();
  daemon.process.kill('SIGKILL');

  const next = await startDaemon({ root: path.dirname(daemon.home), config: modelConfig(model.url) });
  t.teardown(() => next.stop());
  const again = await next.connect();
  const { thread: resumed } = await again.request('thread/resume', { threadId: thread.id });
  t.equal(resumed.name, 'Named');
  t.ok(resumed.turns.length === 1);
});

/** A turn under workspace-write that runs a command and makes a patch; what the model got. */
async function confinedTurn({ daemon, model, client }: Place, approvalPolicy: 'never' | 'on-request') {
  const { thread, sandbox } = await client.request('thread/start', {
    cwd: daemon.work,
    sandbox: 'workspace-write',
    approvalPolicy,
  });
  model.push(
    items(exec('c1', 'echo a', { shell: 'cmd.exe' })),
    items(exec('c2', inShell(PATCH('a.txt')))),
    say('done'),
  );
  const turn = await runTurn(client, thread.id, 'go');
  const patched = fs.existsSync(path.join(daemon.work, 'a.txt'));
  return {
    status: turn.status,
    sandbox: sandbox.type,
    patched,
    outputs: [outputOf(model, 'c1'), outputOf(model, 'c2')],
  };
}

t.test('a turn that needs the chosen sandbox gets the reason why there is none', onWindows, async (t) => {
  const { status, sandbox, patched, outputs } = await confinedTurn(
    await start(t, '[windows]\nsandbox = "elevated"\n'),
    'never',
  );
  t.equal(status, 'completed');
  t.equal(sandbox, 'workspaceWrite');
  t.match(outputs[0], /sandbox/);
  t.notOk(patched);
});

t.test('without a sandbox, nothing runs where nobody is asked', onWindows, async (t) => {
  const { status, sandbox, patched, outputs } = await confinedTurn(await start(t), 'never');
  t.equal(status, 'completed');
  t.equal(sandbox, 'readOnly');
  t.match(outputs, [/rejected: blocked by policy/, /writing is blocked by read-only sandbox/]);
  t.notOk(patched);
});

t.test('without a sandbox, the person is asked, and what is accepted runs', onWindows, async (t) => {
  const place = await start(t);
  const reasons: (string | null | undefined)[] = [];
  place.client.onRequest('item/commandExecution/requestApproval', ({ reason }) => {
    reasons.push(reason);
    return { decision: 'accept' };
  });
  place.client.onRequest('item/fileChange/requestApproval', () => ({ decision: 'accept' }));
  const { status, patched, outputs } = await confinedTurn(place, 'on-request');
  t.equal(status, 'completed');
  t.match(reasons, [/without a sandbox/]);
  t.match(outputs, [/\na/, /Success/]);
  t.ok(patched);
});

t.test('codexd exec runs a turn', onWindows, async (t) => {
  const { daemon, model } = await start(t);
  model.push(items(exec('c1', 'echo hello from %OS%', { shell: 'cmd.exe' })), say('the last words'));
  const child = startChild(
    process.execPath,
    [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'exec', '--skip-git-repo-check', 'go'],
    { cwd: daemon.work, env: { CODEX_HOME: daemon.home }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const { exitCode } = await child;
  t.equal(exitCode, 0, stderr);
  t.match(stdout, 'the last words');
  t.match(outputOf(model, 'c1'), 'hello from Windows_NT');
});

t.test('a configuration is written while its file is read, and keeps what an editor wrote', onWindows, async (t) => {
  const { daemon, client } = await start(t);
  for (const value of ['low', 'high']) {
    const answer = await client.request('config/value/write', {
      keyPath: 'model_reasoning_effort',
      value,
      mergeStrategy: 'replace',
    });
    t.equal(answer.status, 'ok');
  }
  t.match(fs.readFileSync(path.join(daemon.home, 'config.toml'), 'utf8'), /model_reasoning_effort = "high"/);
  const leftOver = fs.readdirSync(daemon.home).filter((name) => name.startsWith('.config.toml.'));
  t.strictSame(leftOver, []);
});
