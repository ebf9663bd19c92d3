import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { RuleSet } from '../../../server/config/rules/rule-set.js';
import { createRuleBook } from '../../../server/config/rules/rule-book.js';
import { judge, type CommandApprovalOptions } from '../../../server/sessions/approvals/command-approval.js';
import type { CommandToJudge } from '../../../server/sessions/approvals/judged-command.js';
import { unsandboxedCommand } from '../../../server/sessions/approvals/unsandboxed-command.js';
import type { PlainScript } from '../../../server/sessions/shell/plain-script.js';

const home = t.testdir({ rules: { 'default.rules': 'prefix_rule(pattern=["ls"], decision="allow")\n' } });

interface Asked {
  readonly command: string;
  readonly proposedExecpolicyAmendment?: readonly string[];
  readonly availableDecisions: readonly unknown[];
}

const MORE = { network: { enabled: true }, fileSystem: null };

/** A thread whose person gives these answers, one per question. */
function thread(...answers: unknown[]) {
  const asked: Asked[] = [];
  const warnings: string[] = [];
  const approved = new Set<string>();
  const events = {
    ask: async (_method: string, params: Asked) => (asked.push(params), { decision: answers.shift() }),
    notify: (_method: string, { message }: { message: string }) => void warnings.push(message),
  };
  const options = (codexHome: string, approvalPolicy = 'on-request') =>
    ({
      thread: { id: 'thread', flag: () => undefined, events },
      turn: { id: 'turn' },
      state: { wire: { approvalPolicy } },
      approved,
      rules: createRuleBook({ codexHome }),
      signal: new AbortController().signal,
      show: () => undefined,
      refuse: () => undefined,
      askHooks: () => Promise.resolve(null),
      review: null,
      unsandboxedCommand: (command: CommandToJudge, script: PlainScript | null, { executables }: RuleSet) =>
        unsandboxedCommand({
          argv: command.argv,
          script,
          cwd: command.cwd,
          env: { PATH: '/usr/bin:/bin' },
          executables,
          explicit: [],
          mayChange: (place) => place.startsWith('/work/'),
        }),
    }) satisfies Partial<Record<keyof CommandApprovalOptions, unknown>> as unknown as CommandApprovalOptions;
  return { asked, warnings, options };
}

const command = (script: string, more: Partial<CommandToJudge> = {}): CommandToJudge => ({
  itemId: 'item',
  argv: ['/bin/bash', '-lc', script],
  script,
  cwd: '/',
  tty: false,
  actions: [],
  escalate: false,
  lacksSandbox: false,
  justification: null,
  additional: null,
  prefixRule: null,
  ...more,
});

t.test('a rule allows a script only in a shell of the system: another program may do anything with it', async (t) => {
  const rows: readonly (readonly [string, boolean, string])[] = [
    ['/bin/bash', true, 'the usual one'],
    ['bash', true, 'by its name'],
    ['/usr/bin/zsh', true, 'another of the system'],
    ['/work/bash', false, 'a file of that name in the workspace'],
    ['./sh', false, 'a file in the working folder'],
    ['/work/evil', false, 'any program'],
    ['/tmp/bin/bash', false, 'a path that only ends like one'],
    ['/usr/bin/python3', false, 'an interpreter of something else'],
  ];
  for (const [shell, unsandboxed, why] of rows) {
    const { options } = thread();
    const verdict = await judge(command('ls -l', { argv: [shell, '-lc', 'ls -l'] }), options(home));
    t.match(verdict, { kind: 'run', unsandboxed, asked: false }, `${shell}: ${why}`);
  }
});

t.test('an approval for the session is for one script, shell, folder and set of permissions', async (t) => {
  const person = thread('acceptForSession', ...Array.from({ length: 20 }, () => 'decline'));
  const options = person.options(home, 'untrusted');
  const asks = command("false && touch '/x/*'");
  t.match(await judge(asks, options), { kind: 'run', unsandboxed: false, asked: true });
  t.match(await judge(asks, options), { kind: 'run', asked: false }, 'not asked again');
  const others: readonly CommandToJudge[] = [
    command("false || touch '/x/*'"),
    command('false && touch /x/*'),
    command("false && touch  '/x/*'"),
    { ...asks, argv: ['/bin/sh', '-lc', asks.script] },
    { ...asks, argv: ['/bin/bash', '-c', asks.script] },
    { ...asks, cwd: '/usr' },
    { ...asks, tty: true },
    { ...asks, escalate: true },
    { ...asks, additional: MORE },
  ];
  for (const other of others) t.match(await judge(other, options), { kind: 'declined' }, JSON.stringify(other));
  t.equal(person.asked.length, 1 + others.length);
});

t.test('without a sandbox to leave, each command is a question, whatever rules allow', async (t) => {
  const argv = ['C:\\Windows\\powershell.exe', '-Command', 'touch x'];
  const lacking = command('touch x', { argv, lacksSandbox: true });
  const person = thread('accept', 'acceptForSession', 'decline');
  const options = person.options(home, 'on-request');
  t.match(await judge(lacking, options), { kind: 'run', unsandboxed: true, asked: true });
  t.match(person.asked, [{ reason: /without a sandbox/ }]);
  t.match(await judge(lacking, options), { kind: 'run', unsandboxed: true, asked: true });
  t.match(await judge(lacking, options), { kind: 'run', unsandboxed: true, asked: false }, 'for the session');
  t.match(await judge({ ...lacking, lacksSandbox: false }, options), { kind: 'run', unsandboxed: false });
  t.match(await judge({ ...lacking, argv: [...argv, 'y'] }, options), { kind: 'declined' }, 'another one');
  t.match(await judge(lacking, thread().options(home, 'never')), {
    kind: 'refused',
    text: /^`.*powershell.exe.* -Command 'touch x'` rejected: blocked by policy$/,
  });
});

t.test('an approval for the session counts only if it was offered', async (t) => {
  const rows: readonly (readonly [CommandToJudge, string, boolean])[] = [
    [command('touch x'), 'untrusted', true],
    [command('touch x > y'), 'untrusted', false],
    [command('touch x', { escalate: true }), 'untrusted', false],
    [command('touch x', { escalate: true }), 'on-request', false],
    [command('touch x', { additional: MORE }), 'on-request', false],
    [command('date'), 'on-request', false],
  ];
  const folder = t.testdir({ rules: { 'a.rules': 'prefix_rule(pattern=["date"], decision="prompt")\n' } });
  for (const [what, policy, offered] of rows) {
    const person = thread('acceptForSession', 'decline');
    const options = person.options(folder, policy);
    const { kind } = await judge(what, options);
    t.equal(person.asked[0]?.availableDecisions.includes('acceptForSession'), offered, what.script);
    t.equal(kind, offered ? 'run' : 'failed', what.script);
    await judge(what, options);
    t.equal(person.asked.length, offered ? 1 : 2, 'what was not offered is not remembered');
  }
});

t.test('a rule that covers one part of a script does not allow the others', async (t) => {
  const folder = t.testdir({});
  const amend = (words: readonly string[]): unknown => ({
    acceptWithExecpolicyAmendment: { execpolicy_amendment: words },
  });
  const person = thread(amend(['mkdir', '/a']), amend(['touch', '/a/b']));
  const options = person.options(folder, 'untrusted');
  t.match(await judge(command('mkdir /a && touch /a/b'), options), { kind: 'run', unsandboxed: false });
  t.match(
    await judge(command('mkdir /a && touch /a/b'), options),
    { kind: 'run', unsandboxed: true },
    'both are covered',
  );
  t.match(await judge(command('mkdir /a && touch /a/b'), options), { kind: 'run', unsandboxed: true, asked: false });
  t.equal(person.asked.length, 2);
});

t.test('an allowance does not count for words that look different from what they are', async (t) => {
  const folder = t.testdir({
    rules: {
      'a.rules': 'prefix_rule(pattern=["ls"])\nprefix_rule(pattern=["cd"])\nprefix_rule(pattern=["/usr/bin/ls"])\n',
    },
  });
  const scripts = [
    ...['\u00a0', '\u2003', '\u3000', '\ufeff', '\u2028', '\u1680', '\v', '\f', '\r', '\0', '\u200b'].flatMap(
      (blank) => [`${blank}/usr/bin/ls x`, `${blank}ls x`, `ls x${blank}`, `ls${blank}x`, `ls '${blank}'`],
    ),
    '/usr/lib/../bin/ls x',
    'cd /usr && bin/ls',
    'pushd /usr; bin/ls',
    "ls '\u202e'",
    'ls é',
  ];
  for (const script of scripts) {
    const person = thread('decline');
    t.match(await judge(command(script), person.options(folder, 'untrusted')), { kind: 'declined' }, encodeURI(script));
  }
  for (const script of ['ls x', "ls 'é ü'", ' \t ls x \n', 'ls "日本"'])
    t.match(
      await judge(command(script), thread().options(folder, 'untrusted')),
      { kind: 'run', asked: false, unsandboxed: true },
      script,
    );
});

t.test('permission to run is not permission to run without the sandbox', async (t) => {
  const folder = t.testdir({
    rules: { 'a.rules': 'prefix_rule(pattern=[["git", "make", "npm", "cd", "touch", "python3", "ls"]])\n' },
  });
  const inside = [
    'git status',
    'make',
    'npm test',
    'python3 a.py',
    'cd / && touch x',
    'touch *',
    'touch ~/x',
    'ls | git status',
    'touch x; make',
  ];
  for (const script of inside) {
    const options = thread().options(folder, 'never');
    t.match(await judge(command(script), options), { kind: 'run', unsandboxed: false, asked: false }, script);
    t.match(await judge(command(script, { escalate: true }), options), {
      kind: 'refused',
      text: /inside of the sandbox only/,
    });
    const person = thread('decline');
    t.match(
      await judge(command(script, { escalate: true }), person.options(folder)),
      { kind: 'declined' },
      'it is asked',
    );
  }
  for (const script of ["touch 'x'", 'ls && ls | ls', 'ls; touch a || touch b'])
    t.match(
      await judge(command(script), thread().options(folder, 'never')),
      { kind: 'run', unsandboxed: true },
      script,
    );
});

t.test('the prefix that a model proposes is offered only for harmless programs', async (t) => {
  const rows: readonly (readonly [string, readonly string[] | null, readonly string[] | undefined])[] = [
    ['touch a b', ['touch'], ['touch']],
    ['ls -l', ['ls'], ['ls']],
    ['/usr/bin/ls -l', ['/usr/bin/ls'], ['/usr/bin/ls']],
    ['/work/ls -l', ['/work/ls'], ['/work/ls', '-l']],
    ['npm test', ['npm'], ['npm', 'test']],
    ['cp a b', ['cp'], ['cp', 'a', 'b']],
    ['git status', ['git'], ['git', 'status']],
    ['git status', ['git', 'status'], ['git', 'status']],
    ['git -c a=b status', ['git', '-c'], undefined],
    ['git', null, undefined],
    ['sort a', ['sort'], ['sort', 'a']],
    ['python3 a.py', ['python3'], ['python3', 'a.py']],
    ['python3 -c pass', ['python3', '-c'], ['python3', '-c', 'pass']],
    ['/usr/bin/python3 -c pass', ['/usr/bin/python3', '-c'], ['/usr/bin/python3', '-c', 'pass']],
    ['python3', null, undefined],
    ['python3.11 -u', ['python3.11'], undefined],
    ['node -e x', ['node'], undefined],
    ['nodejs', null, undefined],
    ['pypy3', null, undefined],
    ['ksh', null, undefined],
    ['pwsh', null, undefined],
    ['bash -o pipefail', null, undefined],
    ['bash a.sh', ['bash'], ['bash', 'a.sh']],
    ['env A=1', null, undefined],
    ['env A=1 ls', ['env', 'A=1'], undefined],
    ['sudo -u root ls', ['sudo'], undefined],
    ['exec ls', ['exec'], undefined],
    ['eval ls', null, undefined],
    ['timeout 5 ls', ['timeout', '5'], undefined],
    ['find .', ['find', '.'], undefined],
    ["awk '{print}' a", ['awk'], undefined],
    ['xargs ls', null, undefined],
    ['nice ls', null, undefined],
    ['command ls', null, undefined],
    ["ls '\u202e'", null, undefined],
    ['echo x > y', ['/bin/bash', '-lc'], ['/bin/bash', '-lc', 'echo x > y']],
  ];
  for (const [script, prefixRule, proposal] of rows) {
    const person = thread('decline');
    await judge(command(script, { prefixRule, escalate: true }), person.options(t.testdirName));
    t.strictSame(person.asked[0]?.proposedExecpolicyAmendment, proposal, script);
  }
});

t.test('a rule that cannot be saved is reported, and the approved command still runs', async (t) => {
  const folder = t.testdir({ rules: 'a file where the folder should be' });
  const person = thread({ acceptWithExecpolicyAmendment: { execpolicy_amendment: ['make'] } });
  const verdict = await judge(command('make'), person.options(folder, 'untrusted'));
  t.match(verdict, { kind: 'run', unsandboxed: false, asked: true });
  t.match(person.warnings, [/the rule for make could not be saved/]);
  t.equal(fs.readFileSync(path.join(folder, 'rules'), 'utf8'), 'a file where the folder should be');
});

t.test('a rule does not count as an answer to a request for more permissions', async (t) => {
  const folder = t.testdir({});
  const person = thread({ acceptWithExecpolicyAmendment: { execpolicy_amendment: ['make'] } });
  const verdict = await judge(command('make', { additional: MORE }), person.options(folder));
  t.equal(verdict.kind, 'failed', 'it was not offered');
  t.match(person.asked, [{ availableDecisions: ['accept', 'cancel'], additionalPermissions: MORE }]);
  t.same(fs.readdirSync(folder), []);
});

t.test('the reviewer receives everything that the command would get', async (t) => {
  const planned: unknown[] = [];
  const options: CommandApprovalOptions = {
    ...thread().options(home),
    review: async (subject) => {
      planned.push(subject.planned);
      return { allowed: true };
    },
  };
  await judge(command('make', { additional: MORE, tty: true }), options);
  await judge(command('make', { escalate: true }), options);
  t.match(planned, [
    { additional_permissions: MORE, without_sandbox: false, tty: true },
    { additional_permissions: null, without_sandbox: true, tty: false },
  ]);
});

t.test('a script of a shell of Windows is asked about as soon as rules forbid anything', async (t) => {
  const rules = 'prefix_rule(pattern=["git", "push"], decision="forbidden")\n';
  const forbids = t.testdir({ rules: { 'default.rules': rules } });
  for (const argv of [
    ['cmd.exe', '/d', '/s', '/c', 'g^it push'],
    ['powershell.exe', '-Command', "& ('g' + 'it') push"],
    ['powershell.exe', '-Command', 'set-alias x git; x push'],
    ['pwsh', '-Command', 'start git push'],
    ['C:\\work\\pwsh.exe', '-Command', 'npm test'],
  ]) {
    const { asked, options } = thread('decline');
    await judge(command(argv.at(-1) ?? '', { argv }), options(forbids));
    t.equal(asked.length, 1, argv.join(' '));
    t.equal((await judge(command('x', { argv }), thread().options(home))).kind, 'run', 'rules that allow ask nothing');
  }
  const { options } = thread();
  const never = await judge(command('g^it', { argv: cmd('g^it') }), options(forbids, 'never'));
  t.equal(never.kind, 'refused', 'and is refused where nobody is asked');
  for (const [script, kind] of [
    ['dir', 'run'],
    ['echo a && git push', 'refused'],
  ] as const)
    t.equal((await judge(command(script, { argv: cmd(script) }), options(forbids, 'never'))).kind, kind, 'plain words');
});

const cmd = (script: string): string[] => ['cmd.exe', '/d', '/s', '/c', script];
const powershell = (script: string): string[] => ['powershell.exe', '-NoProfile', '-Command', script];

t.test('the words of a plain script of PowerShell are proposed, else the whole script; the rule counts', async (t) => {
  const rows: readonly (readonly [readonly string[], readonly string[] | undefined, string])[] = [
    [powershell('npm test'), ['npm', 'test'], 'npm test x'],
    [powershell('npm test > x'), powershell('npm test > x'), 'npm test > x'],
    [cmd('npm test > x'), cmd('npm test > x'), 'npm test > x'],
    [powershell('iex a'), undefined, ''],
    [['powershell.exe', '-File', 'a.ps1'], undefined, ''],
  ];
  for (const [argv, proposal, later] of rows) {
    const folder = t.testdir({});
    const script = argv.at(-1) ?? '';
    const person = thread({ acceptWithExecpolicyAmendment: { execpolicy_amendment: proposal } }, 'decline');
    const options = person.options(folder, 'untrusted');
    await judge(command(script, { argv, prefixRule: ['npm'] }), options);
    t.strictSame(person.asked[0]?.proposedExecpolicyAmendment, proposal, script);
    if (proposal === undefined) continue;
    const again = command(later, { argv: [...argv.slice(0, -1), later] });
    t.match(await judge(again, options), { kind: 'run', asked: false, unsandboxed: false }, 'it is allowed');
    const longer = command(script, { argv: [...argv, '; evil'] });
    t.match(await judge(longer, options), { kind: 'declined' }, 'these shells add more words to the script');
  }
});
