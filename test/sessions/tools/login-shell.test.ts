/** `allow_login_shell = false` from every source: no profile of the user is read, and a call cannot request it. */
import t from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';
import { items, say, startModelServer } from '../../fixtures/model-server.js';
import { exec, outputOf, runTurn } from '../../fixtures/turn-scene.js';

const WHICH = 'shopt -q login_shell && echo a login shell || echo a plain shell';

for (const [where, { file = '', args = [], config = {} }, expected] of [
  ['nowhere', {}, 'login'],
  ['in the file', { file: 'allow_login_shell = false\n' }, 'plain'],
  ['on the command line', { args: ['-c', 'allow_login_shell=false'] }, 'plain'],
  ['with the thread', { config: { allow_login_shell: false } }, 'plain'],
] as const satisfies readonly (readonly [string, { file?: string; args?: string[]; config?: object }, string])[]) {
  t.test(`configured ${where}`, async (t) => {
    const model = await startModelServer();
    const daemon = await startDaemon({
      args: [...args],
      env: { SHELL: '/bin/bash' },
      config: `model = "mock-model"
model_provider = "mock"
sandbox_mode = "danger-full-access"
approval_policy = "never"
${file}
[model_providers.mock]
name = "Mock"
base_url = "${model.url}"
request_max_retries = 0
stream_max_retries = 0
`,
    });
    t.teardown(async () => {
      await daemon.stop();
      await model.close();
    });
    const client = await daemon.connect();
    const { thread } = await client.request('thread/start', { cwd: daemon.work, config });
    model.push(items(exec('e1', WHICH, { login: undefined })), items(exec('e2', WHICH, { login: true })), say('done'));
    await runTurn(client, thread.id, 'go');
    t.match(outputOf(model, 'e1'), `a ${expected} shell\n`);
    t.match(
      outputOf(model, 'e2'),
      expected === 'login' ? 'a login shell\n' : 'login shell is disabled by config; omit `login` or set it to false.',
    );
  });
}
