/** `codexd chat` as lines: pipes in, text out. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';
import { event, items, say, startModelServer, type Step } from '../../fixtures/model-server.js';
import { codexd, scratch, scriptedConfig, start } from '../../fixtures/program.js';

t.setTimeout(180_000);

async function stage(t: Test, ...script: Step[]) {
  const model = await startModelServer(...script);
  t.teardown(() => model.close());
  const places = scratch(t, scriptedConfig(model.url, 'approval_policy = "on-request"'));
  return { model, places, chat: (input: string, ...args: string[]) => codexd(places, ['chat', ...args], input) };
}

const escalated = (cmd: string): Step =>
  items(
    event.call('exec_command', { cmd, sandbox_permissions: 'require_escalated', justification: 'I \u001b[2Jneed it' }),
  );

t.test('each line is a turn, and the last decides the exit code', async (t) => {
  const { chat, model } = await stage(t, say('one'), items(event.call('exec_command', { cmd: 'echo hi' })), say('two'));
  const { code, stdout } = await chat('first\nsecond \\\nline\n');
  t.equal(code, 0);
  t.match(stdout, /codexd:\none\n[^]*\$ .*echo hi.*\n {2}hi\n {2}exit code 0[^]*codexd:\ntwo\n/);
  t.match(JSON.stringify(model.requests.at(-1)?.body), /second \\\\nline|second \\nline/);
  const failing = await stage(t, { status: 400, body: { error: { message: 'no \u001b]0;x\u0007 such model' } } });
  const failed = await failing.chat('', 'hello');
  t.equal(failed.code, 1);
  t.match(failed.stdout, /error: .*no \\u001b\]0;x\\u0007 such model/);
});

t.test('approvals are numbered lines, and refused at the end of input', async (t) => {
  const { chat, places } = await stage(t, escalated('touch made'), say('ok'), escalated('touch never'));
  const yes = await chat('make it\nperhaps\n1\n', '-s', 'workspace-write');
  t.equal(yes.code, 0);
  t.match(
    yes.stdout,
    /Question: Run this command\?\n {2}command: .*touch made.*\n {2}folder: .*\n {2}reason: I \\u001b\[2J/,
  );
  t.match(yes.stdout, /Please answer with a number from 1 to \d\.[^]*answered: Yes, this once/);
  t.ok(fs.existsSync(path.join(places.work, 'made')));
  const no = await chat('make it\n', '-s', 'workspace-write');
  t.equal(no.code, 1);
  t.match(no.stdout, /refused: the input has ended/);
  t.notOk(fs.existsSync(path.join(places.work, 'never')));
});

t.test('hostile output has no escapes', async (t) => {
  const evil = "printf '\\033]0;owned\\007\\033[2Jtext\\342\\200\\256\\n'";
  const { chat } = await stage(t, items(event.call('exec_command', { cmd: evil })), say('a\u001b[31mb\u202e\u009b'));
  const { stdout } = await chat('go\n');
  t.match(stdout, /\\u001b\]0;owned\\u0007text\\u202e/);
  t.match(stdout, /a\\u001b\[31mb\\u202e\\u009b/);
  t.notMatch(stdout, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
});

t.test('commands of the person, and sessions', async (t) => {
  const { chat, places } = await stage(t, say('one'), say('two'));
  const first = await chat('hello\n/status\n/nope\n/permissions :workspace\n/status\n');
  t.match(first.stdout, /permissions +:read-only/);
  t.match(first.stdout, /there is no command \/nope; \/help lists them/);
  t.match(first.stdout, /permissions +:workspace/);
  t.equal(first.code, 1, 'an unknown command is a failure');
  const last = await chat('more\n', '--resume', '--last');
  t.match(last, { code: 0, stdout: /› hello\ncodexd:\none\n[^]*codexd:\ntwo\n/ });
  const picked = await chat('1\n/quit\n', '--resume');
  t.match(picked, { code: 0, stdout: /Continue which session\?\n {2}1\. hello \(just now, .*\)[^]*codexd:\ntwo\n/ });
  t.match(await chat('', '--resume', 'zzzz'), { code: 1, stderr: /no session of the last 50 is called zzzz/ });
  t.match(await chat('', '--image', 'none.png'), { code: 1, stderr: /none\.png: there is no such file/ });
  fs.writeFileSync(path.join(places.work, 'x.txt'), 'x');
  t.match(await chat('', '--image', 'x.txt'), { code: 1, stderr: /not an image/ });
});

t.test('--attach joins a running daemon; its end is an error', async (t) => {
  const model = await startModelServer(say('shared'));
  t.teardown(() => model.close());
  const daemon = await startDaemon({ config: scriptedConfig(model.url) });
  t.teardown(() => daemon.stop());
  const places = scratch(t, '');
  const joined = await codexd(places, ['chat', '--attach', daemon.url, '-C', daemon.work], 'hello\n');
  t.match(joined, { code: 0, stdout: /codexd:\nshared\n/ });
  t.match(await codexd(places, ['chat', '--attach', 'unix://none.sock'], ''), {
    code: 1,
    stderr: /failed to connect to remote app server/,
  });
});

t.test('a chat whose output nobody reads ends as a program in a pipe does', async (t) => {
  const model = await startModelServer();
  t.teardown(() => model.close());
  let closed: () => void = () => {};
  const isClosed = new Promise<void>((resolve) => (closed = resolve));
  model.always(async () => {
    await isClosed;
    return say('nobody reads this');
  });
  const chat = start(scratch(t, scriptedConfig(model.url)), ['chat'], 'one\ntwo\nthree\n');
  chat.sees(/folder/, () => {
    chat.stopsReading();
    closed();
  });
  t.equal((await chat.ended).code, 141);
});

t.test('a command in the field of a question is not its answer, and /diff needs a repository', async (t) => {
  const { chat, places } = await stage(t, escalated('touch made'), say('ok'));
  const { code, stdout } = await chat('make it\n/diff\n/help\n1\n', '-s', 'workspace-write');
  t.equal(code, 0);
  t.match(stdout, /error: \/diff: fatal: not a git repository[^\n]*\nStill open: Run this command\?\n {2}1\. Yes/);
  t.match(stdout, /\/help +List the commands[^]*Still open[^]*answered: Yes, this once/);
  t.ok(fs.existsSync(path.join(places.work, 'made')));
});
