/** Questions show everything that is asked, and offer only what the server offers. */
import t from 'tap';
import {
  commandQuestion,
  networkQuestion,
  patchQuestion,
  permissionQuestion,
  type CommandParams,
} from '../../../../clients/chat/questions/approvals.js';

const COMMAND: CommandParams = {
  kind: 'command',
  threadId: 't',
  turnId: 'u',
  itemId: 'i',
  environmentId: null,
  startedAtMs: 1,
  reason: 'needs it',
  command: 'rm -rf build',
  cwd: '/work',
  commandActions: [],
  availableDecisions: [
    'accept',
    'acceptForSession',
    { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['rm', '-rf'] } },
    'cancel',
  ],
};
const facts = ({ facts }: { facts: readonly { label: string; text: string }[] }) =>
  Object.fromEntries(facts.map(({ label, text }) => [label, text]));

t.test('a command', async (t) => {
  const question = commandQuestion(COMMAND);
  t.strictSame(facts(question), { command: 'rm -rf build', folder: '/work', reason: 'needs it' });
  t.strictSame(
    question.choices.map(({ key, refuses = false }) => [key, refuses]),
    [
      ['y', false],
      ['s', false],
      ['a', false],
      ['c', true],
    ],
  );
  t.match(question.choices[2]?.label, '["rm","-rf"]', 'the text of the rule');
  t.strictSame(question.choices[2]?.answer({}), {
    decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['rm', '-rf'] } },
  });
  t.match(commandQuestion({ ...COMMAND, availableDecisions: ['accept', 'decline'] }).choices, [
    { key: 'y' },
    { key: 'n', refuses: true },
  ]);
});

t.test('more rights of a command are shown', async (t) => {
  const additionalPermissions = {
    network: { enabled: true },
    fileSystem: {
      read: ['/a'],
      write: ['/b'],
      entries: [{ access: 'deny' as const, path: { type: 'path' as const, path: '/c' } }],
    },
  };
  t.match(facts(commandQuestion({ ...COMMAND, additionalPermissions })), {
    'more rights': 'network, read /a, write /b, deny /c',
  });
});

t.test('a network request of a command, and of an MCP server', async (t) => {
  const network: CommandParams = {
    ...COMMAND,
    itemId: 'network#local#https#evil.test#8443#uuid',
    networkApprovalContext: { host: 'evil.test', protocol: 'https' },
    availableDecisions: [
      'accept',
      { applyNetworkPolicyAmendment: { network_policy_amendment: { host: 'evil.test', action: 'allow' } } },
      'cancel',
    ],
  };
  const question = commandQuestion(network);
  t.match(question.title, 'evil.test:8443');
  t.match(facts(question), { host: 'evil.test:8443', protocol: 'https', command: 'rm -rf build' });
  t.strictSame(
    question.choices.map(({ key }) => key),
    ['y', 'a', 'c', 'n'],
    'a plain refusal is always possible',
  );
  t.match(facts(commandQuestion({ ...network, mcpServer: 'docs', mcpTool: 'fetch' })), {
    'asked by': 'MCP server docs, fetch',
  });
  t.match(facts(commandQuestion({ ...network, itemId: 'x#y' })), { host: 'evil.test' }, 'without the port in the id');
});

t.test('a network request of a command of this client', async (t) => {
  const question = networkQuestion({
    registrationId: 'r',
    requestId: 1,
    processId: null,
    command: ['git', 'fetch'],
    cwd: '/work',
    startedAtMs: 1,
    reason: 'why',
    host: 'h.test',
    port: 443,
    protocol: 'https',
    availableDecisions: [
      'accept',
      { applyNetworkPolicyAmendment: { network_policy_amendment: { host: 'h.test', action: 'deny' } } },
      'decline',
    ],
  });
  t.match(facts(question), { host: 'h.test:443', command: 'git fetch' });
  t.match(question.choices, [{ key: 'y' }, { key: 'd' }, { key: 'n', refuses: true }]);
});

t.test('a patch and rights', async (t) => {
  const patch = patchQuestion({
    threadId: 't',
    turnId: 'u',
    itemId: 'p',
    startedAtMs: 1,
    reason: null,
    grantRoot: '/x',
  });
  t.match(patch, { itemId: 'p', facts: [{ label: 'writable from now on', text: '/x' }] });
  t.strictSame(patch.choices.at(-1)?.answer({}), { decision: 'cancel' });
  const rights = permissionQuestion({
    threadId: 't',
    turnId: 'u',
    itemId: 'i',
    environmentId: null,
    startedAtMs: 1,
    cwd: '/work',
    reason: null,
    permissions: { network: null, fileSystem: { read: null, write: ['/b'] } },
  });
  t.match(facts(rights), { rights: 'write /b', folder: '/work' });
  t.strictSame(rights.choices[1]?.answer({}), {
    permissions: { fileSystem: { read: null, write: ['/b'] } },
    scope: 'session',
  });
  t.strictSame(rights.choices[2]?.answer({}), { permissions: {}, scope: 'turn' });
});
