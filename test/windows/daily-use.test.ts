/** A day with codexd on Windows, on stdio as an editor starts it: each thing is there when the next one needs it. */
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { modelConfig } from '../fixtures/model-config.js';
import { items, say, startModelServer } from '../fixtures/model-server.js';
import { startChild } from '../fixtures/programs.js';
import { rawHome, type RawDaemon } from '../fixtures/raw-daemon.js';
import { exec, outputOf } from '../fixtures/turn-scene.js';
import { onWindows } from '../fixtures/windows.js';

const PATCH = `apply_patch <<'PATCH'
*** Begin Patch
*** Add File: sub\\notes.txt
+one
*** End Patch
PATCH`;

async function turn(daemon: RawDaemon, threadId: string, words: string): Promise<{ status: string; error: unknown }> {
  const from = daemon.messages.length;
  await daemon.call('turn/start', { threadId, input: [{ type: 'text', text: words }] });
  const { params } = await daemon.next(({ method }) => method === 'turn/completed', from);
  return params.turn;
}

t.test('a thread, commands, a patch, settings, a restart, the same thread, and codexd exec', onWindows, async (t) => {
  const model = await startModelServer();
  t.teardown(() => model.close());
  const config = modelConfig(model.url).replace('"read-only"', '"danger-full-access"');
  const { home, work, start } = rawHome(t, config);

  const first = await start();
  const { thread } = await first.call('thread/start', { cwd: work });
  model.push(
    items(exec('cmd', 'echo from cmd && cd', { shell: 'cmd.exe' })),
    items(exec('powershell', 'Get-Location')),
    items(exec('patch', PATCH)),
    say('first answer'),
  );
  t.match(await turn(first, thread.id, 'first question'), { status: 'completed', error: null });
  t.match(outputOf(model, 'cmd'), /exited with code 0[^]*from cmd[^]*\\work/);
  // Wine's PowerShell says nothing and ends with 0.
  t.match(outputOf(model, 'powershell'), /exited with code 0/);
  t.match(outputOf(model, 'patch'), /Success\. Updated the following files/);
  t.equal(fs.readFileSync(path.join(work, 'sub', 'notes.txt'), 'utf8'), 'one\n');
  const wish = { keyPath: 'model_reasoning_effort', value: 'high', mergeStrategy: 'replace' };
  t.match(await first.call('config/value/write', wish), { status: 'ok' });
  t.equal(await first.close(), 0, 'the end of its input ends it in order');

  const second = await start();
  t.equal((await second.call('config/read', { includeLayers: false })).config.model_reasoning_effort, 'high');
  const { data } = await second.call('thread/list', {});
  t.strictSame(
    data.map(({ id, preview }: { id: string; preview: string }) => [id, preview]),
    [[thread.id, 'first question']],
  );
  const resumed = await second.call('thread/resume', { threadId: thread.id });
  t.match(resumed.thread.turns, [{ status: 'completed' }]);
  t.equal(resumed.cwd, work);
  model.push(say('second answer'));
  t.match(await turn(second, thread.id, 'second question'), { status: 'completed' });
  const sent = JSON.stringify(model.requests.at(-1)?.body);
  for (const words of ['first question', 'from cmd', 'first answer', 'second question']) t.match(sent, words);
  t.equal(await second.close(), 0);

  model.push(items(exec('late', 'type sub\\notes.txt', { shell: 'cmd.exe' })), say('last words'));
  const command = [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'exec', '--skip-git-repo-check', 'third question'];
  const child = startChild(process.execPath, command, {
    cwd: work,
    env: { CODEX_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  t.equal((await child).exitCode, 0, stderr);
  t.match(stdout, 'last words');
  t.match(outputOf(model, 'late'), /one/);
});
