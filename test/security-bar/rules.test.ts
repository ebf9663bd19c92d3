/**
 * Security bar, cases 105 to 115: what a rule allows, and what it does not, with a scripted model, a real daemon and
 * the real sandbox. The marker lies where no sandboxed command can write.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { say } from '../fixtures/model-server.js';
import { calls, run, scene, type Scene } from '../sessions/turn/support.js';

t.setTimeout(300_000);

const ASK = 'item/commandExecution/requestApproval';
const WRITE = { sandbox: 'workspace-write', approvalPolicy: 'never' };

interface Stage extends Scene {
  readonly marker: string;
  /** Runs the model's commands, one for each turn; returns what the model read from the last. */
  command(cmd: string, more?: object): Promise<string>;
  readonly marked: () => boolean;
}

async function stage(t: Test, rules: string, { tables = '', start = WRITE } = {}): Promise<Stage> {
  const s = await scene(t, { start, tables });
  fs.mkdirSync(path.join(s.home, 'rules'));
  fs.writeFileSync(path.join(s.home, 'rules', 'test.rules'), rules);
  const marker = path.join(s.home, 'marker');
  let n = 0;
  return {
    ...s,
    marker,
    marked: () => fs.existsSync(marker),
    async command(cmd, more = {}) {
      const id = `c${++n}`;
      s.model.push(calls(run(cmd, id, more)), say('end'));
      await s.turn('go');
      return s.outputs()[id] ?? '';
    },
  };
}

const GIT = `prefix_rule(pattern=["git", "status"])
prefix_rule(pattern=["cd"])
host_executable(name="git", paths=["/usr/bin/git"])
`;

function program(file: string, marker: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\necho out > ${marker}\necho ran\n`, { mode: 0o755 });
}

t.test("case 105: a character that is not a blank for the shell does not change a program's name", async (t) => {
  const s = await stage(t, GIT);
  for (const blank of ['\u00a0', '\u2003', '\u3000', '\ufeff', '\u2028', '\u1680', '\v', '\f']) {
    program(path.join(s.work, `${blank}/usr/bin/git`), s.marker);
    program(path.join(s.work, `${blank}git`), s.marker);
    await s.command(`${blank}/usr/bin/git status`);
    await s.command(`${blank}git status`);
  }
  t.notOk(s.marked());
});

t.test('case 106: a path through a link, or through "..", is not the path that it reads', async (t) => {
  const s = await stage(t, GIT);
  program(path.join(s.work, 'evil/usr/bin/git'), s.marker);
  program(path.join(s.work, 'evil/bin/git'), s.marker);
  fs.mkdirSync(path.join(s.work, 'evil/a/b/c'), { recursive: true });
  fs.symlinkSync(path.join(s.work, 'evil/a/b/c'), path.join(s.work, 'link'));
  const up = '../'.repeat(path.join(s.work, 'link').split('/').length - 1);
  await s.command(`${s.work}/link/../../../usr/bin/git status`);
  await s.command(`${s.work}/link/${up}usr/bin/git status`);
  fs.symlinkSync(path.join(s.work, 'evil/usr'), path.join(s.work, 'usr'));
  await s.command('bin/git status', { workdir: path.join(s.work, 'usr') });
  await s.command('usr/bin/git status');
  t.notOk(s.marked());
});

t.test('case 107: after cd a relative path is another program', async (t) => {
  const s = await stage(t, GIT);
  program(path.join(s.work, 'e/bin/git'), s.marker);
  await s.command(`cd ${s.work}/e && bin/git status`, { workdir: '/usr' });
  await s.command(`cd ${s.work}/e; bin/git status`, { workdir: '/usr' });
  t.notOk(s.marked());
});

t.test('case 108: a program in a folder of PATH that commands can write stays in the sandbox', async (t) => {
  const s = await stage(t, 'prefix_rule(pattern=[["ls", "tac"]])\n', {
    tables: '[shell_environment_policy]\nset = { PATH = "bin:./bin::/usr/bin:/bin" }\n',
  });
  program(path.join(s.work, 'bin/ls'), s.marker);
  program(path.join(s.work, 'ls'), s.marker);
  await s.command('ls');
  // The folders on the way to it count as well.
  fs.symlinkSync('/usr/bin/tac', path.join(s.work, 'tac'));
  await s.command(`tac /etc/hostname > ${s.marker}`);
  await s.command(`./tac /etc/hostname`);
  t.notOk(s.marked());
});

t.test(
  'case 109: a program that obeys files of its folder stays in the sandbox in a repository of a command',
  async (t) => {
    const rules = 'prefix_rule(pattern=[["git", "make", "npm", "python3", "sh", "env", "find"]])\n';
    const s = await stage(t, rules);
    program(path.join(s.work, 'hook'), s.marker);
    const scripts = [
      `git init -q r; cd r; git config core.fsmonitor ${s.work}/hook`,
      'git -C r status',
      `git -c core.fsmonitor=${s.work}/hook -C r status`,
      'make x',
      `make -C ${s.work} x`,
      `python3 ${s.work}/x.py`,
      `sh ${s.work}/hook`,
      `env ${s.work}/hook`,
      `find ${s.work} -maxdepth 0 -exec ${s.work}/hook ;`,
    ];
    fs.writeFileSync(path.join(s.work, 'Makefile'), `x:\n\t${s.work}/hook\n`);
    fs.writeFileSync(path.join(s.work, 'x.py'), `open(${JSON.stringify(s.marker)}, 'w')\n`);
    for (const script of scripts) await s.command(script);
    await s.command('git status', { workdir: path.join(s.work, 'r') });
    t.notOk(s.marked());
    // A file made in one turn is not trusted in a stricter one.
    s.model.push(calls(run('git status', 'strict', { workdir: path.join(s.work, 'r') })), say('end'));
    await s.turn('go', { sandboxPolicy: { type: 'readOnly' } });
    t.notOk(s.marked());
  },
);

t.test('case 110: no function, alias or start-up file, and no library of the environment, has an effect', async (t) => {
  const set = (work: string): string =>
    `[shell_environment_policy.set]\n"BASH_FUNC_touch%%" = "() { echo out > $MARKER; }"\nBASH_ENV = "${work}"\nENV = "${work}"\nLD_PRELOAD = "./evil.so"\nLD_LIBRARY_PATH = "."\n`;
  const s = await stage(t, 'prefix_rule(pattern=["touch"])\n', { tables: set('/var/tmp/codexd-none/env') });
  const wanted = path.join(path.dirname(s.home), 'wanted');
  await s.command(`touch ${wanted}`);
  await s.command(`touch ${wanted} && touch ${wanted}2`);
  t.ok(fs.existsSync(wanted) && fs.existsSync(`${wanted}2`), 'the programs themselves ran, outside');
  t.notOk(s.marked());
});

t.test(
  'case 111: an allowed program that only does what its words say leaves the sandbox, alone and in a script',
  async (t) => {
    const s = await stage(t, 'prefix_rule(pattern=[["touch", "cat", "tee"]])\n');
    const at = (name: string): string => path.join(path.dirname(s.home), name);
    await s.command(`touch ${at('a b').replace(' ', "' '")}`);
    await s.command(`touch '${at('it')}' && cat '${s.home}/config.toml' | tee "${at('copy')}"; touch ${at('last')}`);
    for (const name of ['a b', 'it', 'last']) t.ok(fs.existsSync(at(name)), name);
    t.match(fs.readFileSync(at('copy'), 'utf8'), /mock-model/);
    const others = [
      `touch ${at('no')} > x`,
      `touch $X${at('no')}`,
      `touch ${at('no')}*`,
      `X=1 touch ${at('no')}`,
      `(touch ${at('no')})`,
    ];
    for (const script of others) await s.command(script);
    t.same(
      fs.readdirSync(path.dirname(s.home)).filter((name) => name.startsWith('no')),
      [],
      'what the shell could change stays inside',
    );
  },
);

t.test('case 112: after an approval for the session, any other form of the command is asked about again', async (t) => {
  const s = await stage(t, '', { start: { sandbox: 'workspace-write', approvalPolicy: 'untrusted' } });
  const ask = async (cmd: string, more: object = {}): Promise<boolean> => {
    const from = s.daemon.messages.length;
    s.model.push(calls(run(cmd, `c${from}`, more)), say('end'));
    const { id } = await s.begin('go');
    const first = await s.daemon.next(
      ({ method, params }) => method === ASK || (method === 'turn/completed' && params.turn.id === id),
      from,
    );
    if (first.method === ASK) s.daemon.answer(first.id!, { result: { decision: 'acceptForSession' } });
    await s.ended(id);
    return first.method === ASK;
  };
  t.ok(await ask('false && touch X'));
  t.notOk(await ask('false && touch X'));
  t.ok(await ask('false || touch X'));
  t.ok(await ask('false  && touch X'));
  t.ok(await ask('false && touch X', { login: false }));
  t.ok(await ask('false && touch X', { shell: '/bin/sh' }));
  t.ok(await ask('false && touch X', { workdir: '/' }));
  t.ok(await ask("ls '/x/*'"));
  t.ok(await ask('ls /x/*'));
});

t.test('case 113: an approval that was not offered is a refusal, and is not stored', async (t) => {
  const s = await stage(t, '', { start: { sandbox: 'workspace-write', approvalPolicy: 'on-request' } });
  const out = path.join(path.dirname(s.home), 'out');
  const amend = (words: readonly string[]): object => ({
    acceptWithExecpolicyAmendment: { execpolicy_amendment: words },
  });
  for (const decision of ['acceptForSession', amend(['touch']), amend([]), amend(['touch', out, 'x'])]) {
    const from = s.daemon.messages.length;
    s.model.push(calls(run(`touch ${out}`, `c${from}`, { sandbox_permissions: 'require_escalated' })), say('end'));
    const { id } = await s.begin('go');
    const request = await s.note(ASK, () => true, from);
    t.notOk(JSON.stringify(request.params.availableDecisions).includes(JSON.stringify(decision)));
    s.daemon.answer(request.id!, { result: { decision } });
    await s.ended(id);
    t.match(s.items('commandExecution').at(-1), { status: 'failed' }, JSON.stringify(decision));
  }
  t.notOk(fs.existsSync(out));
  t.notOk(fs.existsSync(path.join(s.home, 'rules', 'default.rules')));
});

t.test('case 114: the written rule is the shown rule', async (t) => {
  const s = await stage(t, '', { start: { sandbox: 'workspace-write', approvalPolicy: 'untrusted' } });
  for (const script of ["printf 'a\"b\\c'", "printf '\n\t#'", "printf 'é 日本'", 'echo x > y']) {
    const from = s.daemon.messages.length;
    s.model.push(calls(run(script, `c${from}`)), say('end'));
    const { id } = await s.begin('go');
    const { id: request, params } = await s.note(ASK, () => true, from);
    const shown = params.proposedExecpolicyAmendment as string[];
    s.daemon.answer(request!, {
      result: { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: shown } } },
    });
    await s.ended(id);
    const line = fs
      .readFileSync(path.join(s.home, 'rules', 'default.rules'), 'utf8')
      .trimEnd()
      .split('\n')
      .at(-1);
    t.equal(line, `prefix_rule(pattern=[${shown.map((word) => JSON.stringify(word)).join(', ')}], decision="allow")`);
  }
});

t.test('case 115: a forbidden command does not run in another spelling', async (t) => {
  const s = await stage(t, 'prefix_rule(pattern=["rm"], decision="forbidden", justification="keep it")\n');
  const file = path.join(s.work, 'a');
  fs.writeFileSync(file, '');
  const scripts = [
    'eval rm a',
    'time -p rm a',
    'sh -c "sh -c \\"rm a\\""',
    "env -S 'rm a'",
    '>f\\ g rm a',
    'find a -exec rm {} \\;',
    "trap 'rm a' EXIT",
    "bash <<< 'rm a'",
    'bash <<EOF\nrm a\nEOF',
    "r''m a",
    "$'\\x72m' a",
    '{rm,a}',
    'r\\\nm a',
    'f() { rm a; }; f',
    'coproc rm a',
    'flock f rm a',
  ];
  for (const script of scripts) {
    t.match(await s.command(script), /rejected: keep it/, script);
    t.ok(fs.existsSync(file), script);
  }
});
