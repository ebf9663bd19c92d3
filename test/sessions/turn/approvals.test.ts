/**
 * Who is asked before a command or a patch, and the effect of the answer, in a real sandbox (docs/protocol/turns.md
 * §6).
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { event, say } from '../../fixtures/model-server.js';
import { calls, run, scene, type Scene } from './support.js';
import { elapse, until } from '../../fixtures/until.js';

const ASK = 'item/commandExecution/requestApproval';
const granular = (more: object): object => ({
  granular: {
    sandbox_approval: false,
    rules: false,
    skill_approval: false,
    request_permissions: false,
    mcp_elicitations: false,
    ...more,
  },
});
const escalated = { sandbox_permissions: 'require_escalated', justification: 'why' };

t.test('every policy with every kind of command: asked, run, or refused without a question', async (t) => {
  const rows: readonly (readonly [
    policy: unknown,
    cmd: string,
    more: object,
    asked: boolean,
    output: RegExp,
    why: string,
  ])[] = [
    ['untrusted', 'echo ran', {}, true, /Output:\nran/, 'everything that no rule allows is asked about'],
    ['untrusted', 'git status --version; echo allowed', {}, true, /Output:/, 'an allowed part does not allow the rest'],
    ['untrusted', 'printf allowed', {}, false, /Output:\nallowed/, 'a rule allows it'],
    ['on-request', 'echo ran', {}, false, /Output:\nran/, 'the sandbox holds it'],
    ['on-request', 'echo ran', escalated, true, /Output:\nran/, 'the model asks'],
    ['on-request', 'rm -f nothing', {}, true, /Output:/, 'removal by force is always asked about'],
    ['on-request', 'date -u', {}, true, /Output:/, 'a rule says: ask'],
    ['on-request', 'shred x', {}, false, /rejected: never this/, 'a rule forbids it'],
    ['on-request', 'echo a && shred x', {}, false, /rejected: never this/, 'and the strictest part counts'],
    ['never', 'echo ran', {}, false, /Output:\nran/, 'nobody is asked'],
    ['never', 'echo ran', escalated, false, /approval policy is Never; reject command/, 'nobody could say yes'],
    ['never', 'rm -rf nothing', {}, false, /rm -f style commands are not permitted/, ''],
    ['never', 'date -u', {}, false, /AskForApproval is set to Never/, 'a rule says: ask'],
    [granular({}), 'echo ran', escalated, false, /sandbox_approval is false/, 'this kind is switched off'],
    [granular({ sandbox_approval: true }), 'echo ran', escalated, true, /Output:\nran/, 'and on'],
    [granular({ sandbox_approval: true }), 'date -u', {}, false, /rules is false/, 'rules are another kind'],
    [granular({ rules: true }), 'date -u', {}, true, /Output:/, ''],
  ];
  const s = await scene(t, {}, say('unused'));
  fs.mkdirSync(path.join(s.home, 'rules'));
  fs.writeFileSync(
    path.join(s.home, 'rules', 'test.rules'),
    `prefix_rule(pattern=["printf"], decision="allow")
prefix_rule(pattern=["git", "status"], decision="allow")
prefix_rule(pattern=["date"], decision="prompt", justification="time")
prefix_rule(pattern=["shred"], decision="forbidden", justification="never this")
`,
  );
  await s.turn('unused');
  for (const [policy, cmd, more, asked, output, why] of rows) {
    const name = `${JSON.stringify(policy)}: ${cmd} ${why}`;
    const from = s.daemon.messages.length;
    s.model.push(calls(run(cmd, `c${from}`, more)), say('end'));
    const { id } = await s.begin('go', { approvalPolicy: policy });
    if (asked) {
      const request = await s.note(ASK, () => true, from);
      t.match(request.params, { itemId: `c${from}`, turnId: id, threadId: s.threadId }, name);
      s.daemon.answer(request.id!, { result: { decision: 'accept' } });
    }
    await s.ended(id);
    t.equal(s.notes(ASK, from).length, asked ? 1 : 0, name);
    t.match(s.outputs()[`c${from}`], output, name);
  }
});

t.test('every answer: what runs, the item’s status, the effect on the turn', async (t) => {
  const rows: readonly (readonly [answer: object, item: string, turn: string, output: RegExp | null])[] = [
    [{ result: { decision: 'accept' } }, 'completed', 'completed', /Output:\nran/],
    [{ result: { decision: 'decline' } }, 'declined', 'completed', /rejected by user/],
    [{ result: { decision: 'cancel' } }, 'declined', 'interrupted', null],
    [{ error: { code: -1, message: 'no' } }, 'failed', 'completed', /approval request failed/],
    [{ result: { decision: 'maybe' } }, 'failed', 'completed', /approval request failed/],
    [{ result: {} }, 'failed', 'completed', /approval request failed/],
    [
      { result: { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['other'] } } } },
      'failed',
      'completed',
      /failed/,
    ],
    [
      { result: { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['echo', 'ran'] } } } },
      'completed',
      'completed',
      /Output:\nran/,
    ],
  ];
  const s = await scene(t, { start: { approvalPolicy: 'untrusted' } });
  for (const [answer, item, turn, output] of rows) {
    const name = JSON.stringify(answer);
    const from = s.daemon.messages.length;
    s.model.push(calls(run('echo ran', `c${from}`)));
    if (turn === 'completed') s.model.push(say('end'));
    const { id } = await s.begin('go');
    const request = await s.note(ASK, () => true, from);
    t.match((await s.daemon.call('thread/read', { threadId: s.threadId })).thread, {
      status: { activeFlags: ['waitingOnApproval'] },
    });
    s.daemon.answer(request.id!, answer as never);
    t.match(await s.ended(id), { status: turn }, name);
    t.match(s.items('commandExecution').at(-1), { id: `c${from}`, status: item }, name);
    if (output !== null) t.match(s.outputs()[`c${from}`], output, name);
    t.equal(s.notes('serverRequest/resolved', from).length, 1, name);
  }
  t.match(fs.readFileSync(path.join(s.home, 'rules', 'default.rules'), 'utf8'), /\["echo", ?"ran"\]/);
  const from = s.daemon.messages.length;
  s.model.push(calls(run('echo ran', 'last')), say('end'));
  await s.turn('go');
  t.equal(s.notes(ASK, from).length, 0, 'the new rule is in force');
});

t.test('an approval for the session is for this command, in this folder, in this thread', async (t) => {
  const s = await scene(t, { start: { approvalPolicy: 'untrusted' } });
  const ask = async (threadId: string, cmd: string, more: object = {}): Promise<boolean> => {
    const from = s.daemon.messages.length;
    s.model.push(calls(run(cmd, `c${from}`, more)), say('end'));
    const { turn } = await s.daemon.call('turn/start', { threadId, input: [{ type: 'text', text: 'x' }] });
    const first = await s.daemon.next(
      ({ method, params }) => method === ASK || (method === 'turn/completed' && params.turn.id === turn.id),
      from,
    );
    if (first.method === ASK) s.daemon.answer(first.id!, { result: { decision: 'acceptForSession' } });
    await s.ended(turn.id);
    return first.method === ASK;
  };
  const other = (await s.daemon.call('thread/start', { approvalPolicy: 'untrusted' })).thread.id as string;
  t.ok(await ask(s.threadId, 'echo one'));
  t.notOk(await ask(s.threadId, 'echo one'));
  t.ok(await ask(s.threadId, 'echo   one'), 'another spelling');
  t.ok(await ask(s.threadId, 'echo two'));
  t.ok(await ask(s.threadId, 'echo one', { workdir: '/' }), 'another folder');
  t.ok(await ask(s.threadId, 'echo one', { tty: true }), 'a terminal');
  t.ok(await ask(other, 'echo one'), 'another thread');
});

async function silent(s: Scene): Promise<void> {
  s.model.push(calls(run('echo ran', 'c1')), say('went on'));
  t.match(await s.turn('go'), { status: 'completed' });
  t.match(s.items('commandExecution')[0], { status: 'failed' });
}

t.test('an approval that nobody answers is denied after the configured time', async (t) => {
  const s = await scene(t, {
    tables: '[codexd.approvals]\ntimeout_seconds = 1',
    start: { approvalPolicy: 'untrusted' },
  });
  await silent(s);
  t.equal(s.notes(ASK).length, 1, 'it was asked');
  t.equal(s.notes('serverRequest/resolved').length, 1, 'and taken back');
});

t.test('an approval without a client waits or is denied, as configured', async (t) => {
  for (const deny of [true, false]) {
    const s = await scene(t, {
      tables: deny ? '[codexd.approvals]\nwhen_absent = "deny"' : '',
      start: { approvalPolicy: 'untrusted', sandbox: 'workspace-write' },
    });
    s.model.push(calls(event.call('update_plan', {}, 'p'), run('echo ran', 'c1')), say('went on'));
    const { id } = await s.begin('go');
    const request = await s.note(ASK);
    await s.daemon.call('thread/unsubscribe', { threadId: s.threadId });
    if (deny) {
      const { threadId } = s;
      const status = async () => (await s.daemon.call('thread/read', { threadId })).thread.status.type;
      await until(async () => (await status()) === 'idle', 'the turn goes on without it');
      continue;
    }
    await elapse(200, 'a question that is given up would be gone now');
    const from = s.daemon.messages.length;
    await s.daemon.call('thread/resume', { threadId: s.threadId });
    const again = await s.note(ASK, () => true, from);
    t.equal(again.id, request.id, 'it is asked again, under its old id');
    s.daemon.answer(again.id!, { result: { decision: 'accept' } });
    t.match(await s.ended(id), { status: 'completed' });
  }
});

t.test('request_permissions: the granted part of the request, for the turn or the session', async (t) => {
  const s = await scene(t, {
    start: {
      approvalPolicy: 'on-request',
      sandbox: 'read-only',
      config: { 'features.request_permissions_tool': true, 'features.exec_permission_approvals': true },
    },
  });
  const outside = path.join(s.work, '..', 'outside');
  const folder = path.resolve(outside);
  fs.mkdirSync(folder);
  const ask = (id: string): object =>
    event.call('request_permissions', { permissions: { file_system: { write: [folder] } } }, id);
  const write = (id: string): object => run(`echo x > ${folder}/${id}`, id);
  const turn = async (answer: object | null, ...steps: (readonly object[])[]): Promise<void> => {
    const from = s.daemon.messages.length;
    s.model.push(...steps, say('end'));
    const { id } = await s.begin('go');
    if (answer !== null) {
      const { id: request } = await s.daemon.next(({ method }) => /requestApproval$/.test(method ?? ''), from);
      s.daemon.answer(request!, answer as never);
    }
    await s.ended(id);
  };
  const permissions = { fileSystem: { read: null, write: [folder, '/etc'] }, network: { enabled: true } };
  await turn({ result: { permissions, scope: 'turn' } }, calls(ask('r1')), calls(write('w1')));
  t.equal(
    s.outputs().r1,
    JSON.stringify({ permissions: { network: null, file_system: { write: [folder] } }, scope: 'turn' }),
    'never more than was asked for',
  );
  t.ok(fs.existsSync(path.join(folder, 'w1')));
  await turn(null, calls(write('w2')));
  t.notOk(fs.existsSync(path.join(folder, 'w2')), 'it lapsed with its turn');
  await turn({ error: { code: -1, message: 'no' } }, calls(ask('r2')), calls(write('w3')));
  t.notOk(fs.existsSync(path.join(folder, 'w3')), 'an error grants nothing');
  const beside = {
    sandbox_permissions: 'with_additional_permissions',
    additional_permissions: { file_system: { write: [folder] } },
  };
  await turn({ result: { decision: 'accept' } }, calls(run(`echo x > ${folder}/w4`, 'w4', beside)), calls(write('w5')));
  t.ok(fs.existsSync(path.join(folder, 'w4')));
  t.notOk(fs.existsSync(path.join(folder, 'w5')), 'for that command alone');
  await turn({ result: { permissions, scope: 'session' } }, calls(ask('r3')));
  await turn(null, calls(write('w6')));
  t.ok(fs.existsSync(path.join(folder, 'w6')));
  t.notOk(fs.existsSync('/etc/codexd-test'));
});
