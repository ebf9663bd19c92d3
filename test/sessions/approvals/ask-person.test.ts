/** An answer counts as it was offered; everything else is no permission. */
import t from 'tap';
import { invalidRequest } from '../../../server/errors/rpc-error.js';
import { askPerson, type Approved, type AskOptions } from '../../../server/sessions/approvals/ask-person.js';
import type { CommandToJudge } from '../../../server/sessions/approvals/judged-command.js';

const YES: Approved = { kind: 'run', unsandboxed: false, asked: true, replacement: null };
const command: CommandToJudge = {
  itemId: 'item',
  argv: ['bash', '-c', 'make'],
  script: 'make',
  cwd: '/project',
  tty: false,
  actions: [],
  escalate: false,
  lacksSandbox: false,
  justification: null,
  additional: null,
  prefixRule: null,
};
const question = { reason: 'why', proposal: ['make'], key: 'key', forSession: true };

/** A person with this answer; an error is thrown instead. */
function person(answer: unknown, more: Partial<AskOptions> = {}) {
  const seen = { flags: [] as boolean[], asked: [] as unknown[], refused: [] as string[], warnings: [] as unknown[] };
  const approved: string[] = [];
  const prefixes: unknown[] = [];
  const options = {
    thread: {
      id: 'thread',
      flag: (_: string, up: boolean) => void seen.flags.push(up),
      events: {
        ask: async (_: string, params: unknown) => {
          seen.asked.push(params);
          if (answer instanceof Error) throw answer;
          return { decision: answer };
        },
        notify: (_: string, params: unknown) => void seen.warnings.push(params),
      },
    },
    turn: { id: 'turn' },
    approved: { add: (key: string) => void approved.push(key) },
    rules: { appendPrefixRule: async (prefix: unknown) => void prefixes.push(prefix) },
    signal: new AbortController().signal,
    show: () => {},
    refuse: (status: string) => void seen.refused.push(status),
    unsandboxedNow: () => null,
    ...more,
  } as unknown as AskOptions;
  return { seen, approved, prefixes, ask: (asked = question, of = command) => askPerson(of, asked, options, YES) };
}
const amend = (prefix: readonly string[]) => ({
  acceptWithExecpolicyAmendment: { execpolicy_amendment: [...prefix] },
});

t.test('yes, and yes for the session', async (t) => {
  const once = person('accept');
  t.strictSame(await once.ask(), YES);
  t.match(once.seen, { flags: [true, false], asked: [{ command: 'bash -c make', reason: 'why' }], refused: [] });
  const session = person('acceptForSession');
  t.strictSame(await session.ask(), YES);
  t.strictSame(session.approved, ['key']);
});

t.test('a session that was not offered, and an unknown answer, are no permission', async (t) => {
  for (const [answer, asked] of [
    ['acceptForSession', { ...question, forSession: false }],
    ['perhaps', question],
    [amend(['rm']), question],
    [amend(['make']), { ...question, proposal: null }],
  ] as const) {
    const { ask, seen, approved, prefixes } = person(answer);
    t.strictSame(await ask(asked as typeof question), { kind: 'failed' });
    t.strictSame([seen.refused, approved, prefixes], [['failed'], [], []]);
  }
});

t.test('no, and the end of the turn', async (t) => {
  const { ask, seen } = person('cancel');
  t.strictSame(await ask(), { kind: 'declined', cancel: true });
  t.strictSame(seen, { ...seen, refused: ['declined'], flags: [true, false] });
});

t.test('a rule for good: it is saved, and what it allows now runs without the sandbox', async (t) => {
  const replacement = { argv: ['/usr/bin/make'], cwd: '/project', env: {} };
  const saved = person(amend(['make']), { unsandboxedNow: () => replacement });
  t.strictSame(await saved.ask(), { ...YES, unsandboxed: true, replacement });
  t.strictSame(saved.prefixes, [['make']]);
  const failing = person(amend(['make']), {
    rules: { appendPrefixRule: () => Promise.reject(new Error('no disk')) },
  });
  t.strictSame(await failing.ask(), YES, 'this run was approved nevertheless');
  t.match(failing.seen.warnings, [{ message: /the rule for make could not be saved: no disk/ }]);
});

t.test('no rule is offered to a command that asks for more', async (t) => {
  const { ask, seen } = person('accept');
  await ask(question, { ...command, additional: { network: { enabled: true }, fileSystem: null } });
  t.match(seen.asked, [{ availableDecisions: ['accept', 'acceptForSession', 'cancel'] }]);
});

t.test('an error of the client is no permission; the end of the turn is its own reason', async (t) => {
  const gone = invalidRequest('the client is gone');
  t.strictSame(await person(gone).ask(), { kind: 'failed' });
  const aborted = person(gone, { signal: AbortSignal.abort() });
  await t.rejects(aborted.ask(), gone);
  t.strictSame(aborted.seen.flags, [true, false]);
  await t.rejects(person(new Error('a fault')).ask(), { message: 'a fault' });
});
