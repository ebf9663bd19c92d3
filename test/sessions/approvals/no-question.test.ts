/** When nobody is asked, and what the model reads then. */
import t from 'tap';
import type { CommandRuleMatch } from '../../../server/config/rules/match-command.js';
import { forbidden, whyNobodyIsAsked } from '../../../server/sessions/approvals/no-question.js';

const ARGV = ['tool', 'a b'];
const NOTHING = {
  escalate: false,
  lacksSandbox: false,
  additional: false,
  ruled: false,
  allowed: false,
  removes: false,
};

t.test('`never`: each wish has its own sentence; the first that applies counts', async (t) => {
  const rows: readonly [what: Partial<typeof NOTHING>, text: RegExp, prefixed: boolean][] = [
    [{ allowed: true, escalate: true }, /inside of the sandbox only/, false],
    [{ escalate: true, additional: true }, /escalated permissions/, false],
    [{ escalate: true, lacksSandbox: true }, /^`tool 'a b'` rejected: blocked by policy$/, true],
    [{ additional: true }, /additional permissions/, false],
    [{ removes: true }, /^rejected: rm -f/, true],
    [{ removes: true, ruled: true }, /^approval required by policy, but AskForApproval is set to Never$/, true],
    [{}, /^approval required by policy, but AskForApproval is set to Never$/, true],
  ];
  for (const [what, text, prefixed] of rows)
    t.match(whyNobodyIsAsked('never', ARGV, { ...NOTHING, ...what }), { text, prefixed });
});

t.test('a granular policy may close one of the two ways', async (t) => {
  const policy = (sandbox_approval: boolean, rules: boolean) => ({
    granular: { sandbox_approval, rules, mcp_elicitations: true, request_permissions: true, skill_approval: true },
  });
  const ruled = { ...NOTHING, ruled: true };
  t.match(whyNobodyIsAsked(policy(true, false), ARGV, ruled), { text: /Granular.rules is false/ });
  t.match(whyNobodyIsAsked(policy(false, true), ARGV, NOTHING), { text: /Granular.sandbox_approval is false/ });
  t.equal(whyNobodyIsAsked(policy(false, true), ARGV, ruled), null);
  t.equal(whyNobodyIsAsked(policy(true, false), ARGV, NOTHING), null);
  for (const other of ['on-request', 'untrusted'] as const) t.equal(whyNobodyIsAsked(other, ARGV, ruled), null);
});

t.test('a rule that forbids is named, by its reason or its place', async (t) => {
  const rule = { pattern: [['rm']], decision: 'forbidden', justification: null, path: '/home/x.rules', line: 3 };
  const match = (more: object): CommandRuleMatch =>
    ({ decision: 'forbidden', rule: { ...rule, ...more } }) as unknown as CommandRuleMatch;
  t.match(forbidden(['rm', '-r'], match({})).text, /^`rm -r` rejected: .*\/home\/x.rules:3/);
  t.strictSame(forbidden(['rm'], match({ justification: 'use trash' })), {
    text: '`rm` rejected: use trash',
    prefixed: true,
  });
});
