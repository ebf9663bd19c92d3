/** `codexd chat` on a terminal of tmux, with a real daemon and a scripted model. */
import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { startDaemon } from '../../../fixtures/daemon.js';
import { event, items, say, startModelServer, type Step } from '../../../fixtures/model-server.js';
import { scratch, scriptedConfig } from '../../../fixtures/program.js';
import { openPane, withoutTmux, type Pane } from '../../../fixtures/tmux.js';
import { elapse } from '../../../fixtures/until.js';
import { packageRoot } from '../../../../server/package/package-root.js';
import { PAUSE_MS } from '../../../../clients/chat/screen/question-panel.js';

t.setTimeout(240_000);

const PROGRAM = path.join(packageRoot(), 'bin', 'codexd.cjs');
const READY = /mock-model · /;
const ASKS = 'approval_policy = "on-request"';

async function stage(
  t: Test,
  options: { readonly config?: string; readonly args?: readonly string[] },
  ...script: Step[]
) {
  const model = await startModelServer(...script);
  t.teardown(() => model.close());
  const places = scratch(t, scriptedConfig(model.url, options.config ?? ASKS));
  const pane = await openPane(t, {
    argv: [process.execPath, PROGRAM, 'chat', ...(options.args ?? [])],
    cwd: places.work,
    env: { CODEX_HOME: places.home, HOME: places.user },
  });
  await pane.shows(READY);
  return { model, pane, places };
}

async function enter(pane: Pane, text: string): Promise<void> {
  await pane.type(text);
  await pane.press('Enter');
}

/** Answers an open question. */
async function answer(pane: Pane, key: string): Promise<void> {
  await elapse(PAUSE_MS + 300, 'a question takes keys only after a pause of the keyboard');
  await pane.press(key);
}

const escalated = (cmd: string): Step =>
  items(event.call('exec_command', { cmd, sandbox_permissions: 'require_escalated', justification: 'please' }));
const growing = (text: string): Step => {
  const message = event.message(text);
  return {
    events: [event.created(), event.added({ ...message, content: [] }), event.text(text, message.id)],
    hang: true,
  };
};

t.test(
  'a turn streams; a command is approved by a key, and not by a key typed before',
  { skip: withoutTmux },
  async (t) => {
    const evil = "touch made; printf '\\033]0;owned\\007\\033[2J\\033[31mred\\033[0m\\342\\200\\256\\n'; seq 12";
    const { pane, places } = await stage(t, {}, escalated(evil), say('**bold** \u001b]0;owned\u0007 and\n\n- a list'));
    await enter(pane, 'go');
    await pane.shows(/Run this command\?/);
    await pane.press('y');
    await pane.shows(/\[y\] Yes, this once/);
    t.notOk(fs.existsSync(path.join(places.work, 'made')), 'the key came too early');
    const asked = await pane.screen();
    t.match(asked, /command +.*touch made/);
    t.match(asked, /folder +\/var\/tmp/);
    t.match(asked, /reason +please/);
    t.match(asked, /\[c\] No, and stop the turn \(or Esc\)/);
    await answer(pane, 'y');
    const done = await pane.shows(/bold \\u001b\]0;owned\\u0007 and/);
    t.match(done, /… \d+ earlier lines \(Ctrl-O shows all\)\n {2}7\n/);
    t.match(done, /exit code 0/);
    t.ok(fs.existsSync(path.join(places.work, 'made')));
    await pane.press('C-o');
    await pane.shows(/\\u001b\]0;owned\\u0007red\\u202e\n {2}1\n/);
    const raw = await pane.everything();
    t.match(raw, /\u001b\[31mred/, 'a color that hides nothing is kept');
    t.match(raw, /\u001b\[(?:0;)?1m(?:\u001b\[\d+m)*bold/);
    await pane.resize(50, 20);
    await pane.shows(/- a list\n[^]*mock-model/);
    await pane.press('C-c');
    await pane.press('C-c');
    await pane.shows(/codexd chat --resume [^]*ended: 0/);
  },
);

t.test('a network request is denied by a key, and its command ends', { skip: withoutTmux }, async (t) => {
  const config = [
    ASKS,
    'default_permissions = "net"',
    '[features]',
    'network_proxy = true',
    '[permissions.net.filesystem]',
    '":root" = "read"',
    '[permissions.net.network]',
    'enabled = true',
  ].join('\n');
  const fetching = items(event.call('exec_command', { cmd: 'curl -s http://example.test:8080/; echo went on' }));
  const { pane } = await stage(t, { config }, fetching, say('I was denied.'));
  await enter(pane, 'fetch');
  const asked = await pane.shows(/Allow a connection to example\.test:8080\?/);
  t.match(asked, /host +example\.test:8080/);
  t.match(asked, /\[a\] Always: write a rule that allows example\.test/);
  await answer(pane, 'n');
  const ended = await pane.shows(/ended by the network policy: example\.test:8080[^]*I was denied\./);
  t.notMatch(ended, /^ *went on/m);
});

t.test('a message is added to the running turn; Esc interrupts', { skip: withoutTmux }, async (t) => {
  const { pane, model } = await stage(t, {}, growing('thinking aloud'), growing('steered'), say('unused'));
  await enter(pane, 'start');
  await pane.shows(/thinking aloud[^]*working, \d+ s \(Esc interrupts\)/);
  await enter(pane, 'and this');
  await pane.shows(/› and this\n[^]*steered/);
  t.match(JSON.stringify(model.requests.at(-1)?.body), /and this/);
  await pane.press('Escape');
  const screen = await pane.shows(/the turn was interrupted/);
  t.notMatch(screen, /working/);
});

t.test('commands of the person: models, settings, sessions, images, unknown ones', { skip: withoutTmux }, async (t) => {
  const { pane, places, model } = await stage(t, {}, say('first answer'));
  // `/model` may ask the endpoint for its models, too.
  model.always(() => say('second answer'));
  const image = path.join(places.work, 'a.png');
  fs.writeFileSync(
    image,
    Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
  );
  await enter(pane, 'remember me');
  await pane.shows(/first answer/);
  await enter(pane, '/nope');
  await pane.shows(/there is no command \/nope; \/help lists them/);
  await enter(pane, '/model other-model');
  await pane.shows(/other-model · /);
  await enter(pane, '/permissions :workspace');
  await pane.shows(/:workspace, on-request/);
  await execa('git', ['init', '-q'], { cwd: places.work });
  await enter(pane, '/diff');
  await pane.shows(/new files, not in git:\n {2}a\.png/);
  await enter(pane, '/new');
  await pane.shows(/^(?![^]*first answer)[^]*\/help lists commands/);
  await pane.paste(image);
  await pane.shows(/goes with the next message: .*a\.png[^]*1 image with the next message/);
  await pane.paste('two lines\nof text');
  await pane.press('Enter');
  await pane.shows(/two lines\n[^]*second answer/);
  t.match(JSON.stringify(model.requests.at(-1)?.body), /input_image/);
  await enter(pane, '/resume');
  await pane.shows(/Continue which session\?[^]*→ [^]*remember me/);
  await pane.press('Down');
  await pane.press('Enter');
  await pane.shows(/› remember me\n\nfirst answer/);
  await enter(pane, '/quit');
  await pane.shows(/ended: 0/);
});

t.test(
  'two chats on one thread: the answer of one settles the question of the other',
  { skip: withoutTmux },
  async (t) => {
    const model = await startModelServer(escalated('echo shared'), say('both see this'));
    t.teardown(() => model.close());
    const daemon = await startDaemon({ config: scriptedConfig(model.url, ASKS) });
    t.teardown(() => daemon.stop());
    const places = scratch(t, '');
    const join = (...args: string[]): Promise<Pane> =>
      openPane(t, {
        argv: [process.execPath, PROGRAM, 'chat', '--attach', daemon.url, ...args],
        cwd: places.work,
        env: { CODEX_HOME: places.home, HOME: places.user },
      });
    const one = await join('-C', daemon.work, 'hello');
    await one.shows(/Run this command\?/);
    const client = await daemon.connect();
    const { data } = await client.request('thread/loaded/list', {});
    const two = await join('--resume', String(data[0]));
    await two.shows(/› hello[^]*Run this command\?/);
    await answer(two, 'y');
    await two.shows(/both see this/);
    await one.shows(/settled elsewhere, or no longer needed: Run this command\?[^]*both see this/);
  },
);

t.test('the end of the server is said, and the chat ends', { skip: withoutTmux }, async (t) => {
  const { pane } = await stage(t, {});
  const { stdout } = await execa('ps', ['--no-headers', '-o', 'pid', '--ppid', String(await pane.pid())]);
  process.kill(Number(stdout.trim().split('\n')[0]), 'SIGKILL');
  await pane.shows(/the server has ended[^]*ended: 1/);
});

t.test('a lost connection is restored, and nothing is lost', { skip: withoutTmux }, async (t) => {
  const model = await startModelServer(say('before'), say('after'));
  t.teardown(() => model.close());
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-test-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const socket = path.join(root, 's.sock');
  const options = { config: scriptedConfig(model.url), root, args: ['--listen', `unix://${socket}`] };
  const first = await startDaemon(options);
  const places = scratch(t, '');
  const pane = await openPane(t, {
    argv: [process.execPath, PROGRAM, 'chat', '--attach', `unix://${socket}`, '-C', first.work, 'hello'],
    cwd: places.work,
    env: { CODEX_HOME: places.home, HOME: places.user },
  });
  await pane.shows(/before/);
  await first.stop();
  await pane.shows(/the connection is lost; trying again/);
  const second = await startDaemon(options);
  t.teardown(() => second.stop());
  await pane.shows(/› hello[^]*before[^]*connected again/);
  await enter(pane, 'more');
  await pane.shows(/› more[^]*after/);
});
