import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createRuleBook } from '../../../server/config/rules/rule-book.js';
import {
  judge,
  type CommandApprovalOptions,
  type CommandToJudge,
} from '../../../server/sessions/approvals/command-approval.js';

const home = t.testdir({ rules: { 'default.rules': 'prefix_rule(pattern=["ls"], decision="allow")\n' } });

interface Asked {
  readonly command: string;
  readonly proposedExecpolicyAmendment?: readonly string[];
}

/** A thread whose person gives these answers, one a question. */
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
      review: null,
    }) as unknown as CommandApprovalOptions;
  return { asked, warnings, options };
}

const command = (script: string, more: Partial<CommandToJudge> = {}): CommandToJudge => ({
  itemId: 'item',
  argv: ['/bin/bash', '-lc', script],
  script,
  cwd: '/work',
  tty: false,
  actions: [],
  escalate: false,
  justification: null,
  additional: null,
  prefixRule: null,
  ...more,
});

t.test('a rule allows a script only in a shell of the system, since another one may do anything with it', async (t) => {
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

t.test('what was approved for the session was approved in the shell that was shown', async (t) => {
  const person = thread('acceptForSession', 'decline');
  const options = person.options(home);
  const asks = command('npm test', { escalate: true });
  t.match(await judge(asks, options), { kind: 'run', unsandboxed: true, asked: true });
  t.match(await judge(asks, options), { kind: 'run', asked: false }, 'not asked again');
  t.match(
    await judge({ ...asks, argv: ['/bin/sh', '-c', 'npm  test'], script: 'npm  test' }, options),
    { kind: 'run', asked: false },
    'spacing and the shell of the system do not matter',
  );
  t.match(await judge({ ...asks, argv: ['/work/sh', '-c', 'npm test'] }, options), { kind: 'declined' });
  t.equal(person.asked.length, 2);
});

t.test('a rule that covers one part of a script does not lift the sandbox off the others', async (t) => {
  const folder = t.testdir({});
  const amend = (words: readonly string[]): unknown => ({
    acceptWithExecpolicyAmendment: { execpolicy_amendment: words },
  });
  const person = thread(amend(['make', 'all']), amend(['./run']));
  const options = person.options(folder, 'untrusted');
  t.match(await judge(command('make all && ./run'), options), { kind: 'run', unsandboxed: false });
  t.match(
    await judge(command('make all && ./run'), options),
    { kind: 'run', unsandboxed: true },
    'now both are covered',
  );
  t.match(await judge(command('make all && ./run'), options), { kind: 'run', unsandboxed: true, asked: false });
  t.equal(person.asked.length, 2);
});

t.test('no rule is proposed that would allow whatever an interpreter is given', async (t) => {
  const rows: readonly (readonly [string, readonly string[] | null, readonly string[] | undefined])[] = [
    ['python3 a.py', ['python3'], ['python3', 'a.py']],
    ['python3 -c pass', ['python3', '-c'], ['python3', '-c', 'pass']],
    ['/usr/bin/python3 -c pass', ['/usr/bin/python3', '-c'], ['/usr/bin/python3', '-c', 'pass']],
    ['python3', null, undefined],
    ['echo x > y', ['/bin/bash', '-lc'], ['/bin/bash', '-lc', 'echo x > y']],
    ['npm test', ['npm'], ['npm']],
  ];
  for (const [script, prefixRule, proposal] of rows) {
    const person = thread('decline');
    await judge(command(script, { prefixRule, escalate: true }), person.options(home));
    t.strictSame(person.asked[0]?.proposedExecpolicyAmendment, proposal, script);
  }
});

t.test('a rule that cannot be saved is told, and the approved run takes place as it would have', async (t) => {
  const folder = t.testdir({ rules: 'a file where the folder should be' });
  const person = thread({ acceptWithExecpolicyAmendment: { execpolicy_amendment: ['make'] } });
  const verdict = await judge(command('make'), person.options(folder, 'untrusted'));
  t.match(verdict, { kind: 'run', unsandboxed: false, asked: true });
  t.match(person.warnings, [/the rule for make could not be saved/]);
  t.equal(fs.readFileSync(path.join(folder, 'rules'), 'utf8'), 'a file where the folder should be');
});

const MORE = { network: { enabled: true }, fileSystem: null };

t.test('where more permissions are asked for, no rule is taken for an answer', async (t) => {
  const folder = t.testdir({});
  const person = thread({ acceptWithExecpolicyAmendment: { execpolicy_amendment: ['make'] } });
  const verdict = await judge(command('make', { additional: MORE }), person.options(folder));
  t.equal(verdict.kind, 'failed', 'it was not offered');
  t.match(person.asked, [{ availableDecisions: ['accept', 'cancel'], additionalPermissions: MORE }]);
  t.same(fs.readdirSync(folder), []);
});

t.test('the reviewer is told everything that the command would get', async (t) => {
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
