/** `apply_patch` in the commands of a model, in every sandbox. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';
import { items, say, startModelServer } from '../../fixtures/model-server.js';
import { exec, outputOf, runTurn } from '../../fixtures/turn-scene.js';

const patch = (line: string): string =>
  ['*** Begin Patch', '*** Update File: a', '@@', `-${line}`, `+${line.toUpperCase()}`, '*** End Patch'].join('\n');
const NARROW = `default_permissions = "narrow"
[permissions.narrow.filesystem]
":minimal" = "read"
":workspace_roots" = { "." = "write" }
`;

for (const [name, config] of [
  ['the sandbox of the workspace', 'sandbox_mode = "workspace-write"\n'],
  ['full access', 'sandbox_mode = "danger-full-access"\n'],
  ['a profile that shows little', NARROW],
] as const) {
  t.test(name, async (t) => {
    const model = await startModelServer();
    const daemon = await startDaemon({
      config: `model = "mock-model"
model_provider = "mock"
approval_policy = "never"
${config}
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
    const file = path.join(daemon.work, 'a');
    const lines = ['one', 'two', 'three', 'four', 'five', 'six'];
    fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    const client = await daemon.connect();
    const { thread } = await client.request('thread/start', { cwd: daemon.work });
    const [one = '', two = '', three = '', four = '', five = '', six = ''] = lines.map(patch);
    model.push(
      // All in one answer: those that patch run one after the other.
      items(
        exec('heredoc', `echo first\napply_patch <<'EOF'\n${one}\nEOF\necho rc $?`),
        exec('argument', `apply-patch '${two}'`, { login: true }),
        exec('login', `bash -lc "applypatch <<'EOF'\n${three}\nEOF"`, { login: true }),
        exec('plain', `apply_patch <<'EOF'\n${four}\nEOF`),
        exec('script', `printf '%s\\n' "apply_patch '${five}'" > s.sh; sh s.sh; rm s.sh`, { login: true }),
        exec('shell', `cd .. && cd - >/dev/null && printf '%s' '${six}' | apply_patch`, {
          login: true,
          shell: '/bin/sh',
        }),
      ),
      items(
        exec(
          'outside',
          `apply_patch '${patch('x').replace('Update File: a', 'Update File: /etc/hostname')}'; echo rc $?`,
        ),
      ),
      say('done'),
    );
    await runTurn(client, thread.id, 'go');
    for (const call of ['heredoc', 'argument', 'login', 'plain', 'script', 'shell'])
      t.match(outputOf(model, call), 'Success. Updated the following files:\nM a\n', call);
    t.match(outputOf(model, 'heredoc'), 'rc 0');
    t.equal(fs.readFileSync(file, 'utf8'), lines.map((line) => `${line.toUpperCase()}\n`).join(''));
    t.match(outputOf(model, 'outside'), 'rc 1');
    t.same(fs.readdirSync(daemon.work), ['a']);
  });
}
