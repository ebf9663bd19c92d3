import t from 'tap';
import { viewOf } from '../../../../clients/console/state/questions/question-view.js';
import type { Prompt } from '../../../../clients/console/state/questions/prompt.js';

const prompt = (method: string, params: object, item: Prompt['item'] = null): Prompt => ({
  promptId: 'p',
  openedAtMs: 100,
  owner: { kind: 'connection', connectionId: 1, clientName: null, requestId: 1, processId: null },
  method,
  params,
  mayAnswer: true,
  item,
});
const thread = { threadId: 't', turnId: 'u', itemId: 'i', startedAtMs: 1 };

t.test('a network question shows the target and every offered decision, rules last to confirm', async (t) => {
  const amendment = { applyNetworkPolicyAmendment: { network_policy_amendment: { host: 'a.test', action: 'allow' } } };
  const view = viewOf(
    prompt('network/requestApproval', {
      registrationId: 'r',
      requestId: 1,
      processId: 'build',
      command: ['npm', 'i', 'a b'],
      cwd: '/w',
      startedAtMs: 1,
      reason: 'no rule',
      host: 'a.test',
      port: 443,
      protocol: 'https',
      availableDecisions: ['accept', amendment, 'cancel'],
    }),
  );
  t.match(view, { target: { host: 'a.test', port: 443 }, command: "npm i 'a b'", reason: 'no rule' });
  t.strictSame(
    view.choices.map(({ key, result, rule }) => [key, result, rule]),
    [
      ['a', { decision: 'accept' }, null],
      ['r', { decision: amendment }, { kind: 'network', host: 'a.test', action: 'allow' }],
      ['x', { decision: 'cancel' }, null],
    ],
  );
});

t.test('a command question shows the command, its folder and the prefix that would always be allowed', async (t) => {
  const always = { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['git', 'push'] } };
  const view = viewOf(
    prompt('item/commandExecution/requestApproval', {
      ...thread,
      kind: 'command',
      command: 'git push',
      cwd: '/w',
      availableDecisions: ['accept', always, 'cancel'],
    }),
  );
  t.match(view, { title: 'Run a command', command: 'git push', target: null });
  t.strictSame(view.facts, [{ label: 'Folder', value: '/w' }]);
  t.strictSame(view.choices[1]?.rule, { kind: 'command', prefix: ['git', 'push'] });
  t.strictSame(
    view.choices.map(({ key }) => key),
    ['a', 'r', 'd', 'x'],
    'a refusal after which the turn continues is always there',
  );
});

t.test('a command that asks for a host has a target', async (t) => {
  const view = viewOf(
    prompt('item/commandExecution/requestApproval', {
      ...thread,
      kind: 'command',
      command: 'curl a.test',
      networkApprovalContext: { host: 'a.test', protocol: 'https' },
    }),
  );
  t.match(view, {
    title: 'Reach a host',
    target: { host: 'a.test', port: null },
    summary: 'curl a.test asks for a.test',
  });
  t.strictSame(
    view.choices.map(({ key }) => key),
    ['a', 'd', 'x'],
    'without a list, what every version of the protocol has',
  );
});

t.test('a patch is known from its item only', async (t) => {
  const change = { path: '/w/a', kind: { type: 'add' as const }, diff: 'x\n' };
  const item = { type: 'fileChange', id: 'i', status: 'inProgress', changes: [change] } as unknown as Prompt['item'];
  t.strictSame(viewOf(prompt('item/fileChange/requestApproval', thread, item ?? null)).changes, [change]);
  t.match(viewOf(prompt('item/fileChange/requestApproval', thread)), { changes: [], changesFailure: null });
  const unread = { ...prompt('item/fileChange/requestApproval', thread), itemFailure: 'not loaded' };
  t.match(viewOf(unread), { changes: [], changesFailure: 'not loaded' });
});

t.test('a question of the model has a form and a deadline', async (t) => {
  const question = { id: 'q', header: 'Colour', question: 'Which?', isOther: true, isSecret: false, options: null };
  const view = viewOf(
    prompt('item/tool/requestUserInput', { ...thread, questions: [question], isBlocking: true, autoResolutionMs: 500 }),
  );
  t.equal(view.deadlineMs, 600);
  t.strictSame(view.form?.result({ q: 'red' }), { answers: { q: { answers: ['red'] } } });
});

t.test('permissions are granted as they were asked for, or not at all', async (t) => {
  const view = viewOf(
    prompt('item/permissions/requestApproval', { ...thread, cwd: '/w', permissions: { network: { enabled: true } } }),
  );
  t.strictSame(
    view.choices.map(({ result }) => result),
    [
      { permissions: { network: { enabled: true } }, scope: 'turn' },
      { permissions: { network: { enabled: true } }, scope: 'session' },
      { permissions: {}, scope: 'turn' },
    ],
  );
});

t.test('a request for another program offers nothing', async (t) => {
  t.strictSame(viewOf(prompt('attestation/generate', {})).choices, []);
});
