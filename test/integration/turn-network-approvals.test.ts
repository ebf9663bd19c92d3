/**
 * Network prompts of commands in turns, with the real daemon, real sandboxes and a scripted model
 * (docs/protocol/network.md §4, §5).
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { Client } from '../../clients/typescript/index.js';
import { items, say, type Step } from '../fixtures/model-server.js';
import {
  ask,
  commands,
  DENIED,
  exec,
  outputOf,
  runTurn,
  turnScene,
  UNLISTED,
  type Answer,
  type Prompt,
  type TurnScene,
} from '../fixtures/turn-scene.js';
import { elapse, until } from '../fixtures/until.js';

t.setTimeout(240_000);

const METHOD = 'item/commandExecution/requestApproval';

/** A scene whose script may use the port of the upstream: it is known only when the scene is there. */
async function scene(t: Test, script: (port: number) => Step[], options?: { keys?: string; tables?: string }) {
  const made = await turnScene(t, [], options);
  made.model.push(...script(made.upstream.port));
  return made;
}

/** Answers prompts with these decisions in turn, and with no after that. */
function answering(client: Client, ...decisions: (Answer | ((prompt: Prompt) => Answer | Promise<Answer>))[]) {
  const prompts: Prompt[] = [];
  client.onRequest(METHOD, async (prompt) => {
    prompts.push(prompt);
    const next = decisions[prompts.length - 1] ?? 'decline';
    return { decision: typeof next === 'function' ? await next(prompt) : next };
  });
  return prompts;
}

const rules = ({ daemon }: TurnScene): string => {
  const file = path.join(daemon.home, 'rules', 'default.rules');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
};

t.test('a prompt names the command, which is shown before', async (t) => {
  const s = await scene(t, (port) => commands(exec('c1', ask(UNLISTED, port, '/a'))));
  const order: string[] = [];
  s.client.onEveryNotification((method, params) => {
    const item = (params as { item?: { type?: string } }).item;
    if (item?.type === 'commandExecution' || /status|resolved/.test(method)) order.push(method);
  });
  const prompts = answering(s.client, () => {
    order.push('asked');
    return 'accept';
  });
  const thread = await s.startThread();
  const { id } = await s.turn(thread);
  const [prompt] = prompts;
  t.equal(prompts.length, 1);
  t.match(prompt, {
    kind: 'command',
    threadId: thread,
    turnId: id,
    environmentId: 'local',
    reason: `Network access to ${UNLISTED} requires approval`,
    networkApprovalContext: { host: UNLISTED, protocol: 'http' },
    commandItemId: 'c1',
  });
  t.match(prompt?.itemId, new RegExp(`^network#local#http#${UNLISTED}#${s.upstream.port}#`));
  t.strictSame(
    order.filter((method) => method !== 'thread/status/changed'),
    ['item/started', 'asked', 'serverRequest/resolved', 'item/completed'],
  );
  t.match(s.completed.get('c1'), { status: 'completed', aggregatedOutput: 'HTTP/1.1 200 OK\n' });
  t.strictSame(s.upstream.hits, ['/a']);
});

t.test('accept counts once, accept for the session for the thread, an amendment for all', async (t) => {
  const s = await scene(t, (port) => {
    const turn = (name: string): Step[] => commands(exec(name, ask(UNLISTED, port, `/${name}`)));
    return [...turn('once'), ...turn('session'), ...turn('later'), ...turn('other'), ...turn('after')];
  });
  const amendment = { host: UNLISTED, action: 'allow' as const };
  const prompts = answering(s.client, 'accept', 'acceptForSession', {
    applyNetworkPolicyAmendment: { network_policy_amendment: amendment },
  });
  const [one, two] = [await s.startThread(), await s.startThread()];
  await s.turn(one);
  await s.turn(one);
  await s.turn(one);
  t.equal(prompts.length, 2, 'the third is approved for the session');
  await s.turn(two);
  t.equal(prompts.length, 3, 'another thread has its own approvals');
  t.match(rules(s), `network_rule(host="${UNLISTED}", protocol="http", decision="allow"`);
  await s.turn(two);
  t.equal(prompts.length, 3);
  t.strictSame(s.upstream.hits, ['/once', '/session', '/later', '/other', '/after']);
  const input = s.model.requests.at(-1)?.body.input as { type: string; role?: string }[];
  const note = input.findIndex((item) =>
    JSON.stringify(item).includes(`Allowed network rule saved in execpolicy (allowlist): ${UNLISTED}`),
  );
  t.match(input[note], { type: 'message', role: 'developer' });
  t.equal(input[note - 1]?.type, 'function_call_output', 'nothing stands between a call and its output');
});

t.test('a refusal ends only its command, and the model receives it with the earlier output', async (t) => {
  const s = await scene(t, (port) =>
    commands(
      exec('no', `echo begin; ${ask(UNLISTED, port, '/no')}; sleep 60; echo never`),
      exec('bystander', `echo on; sleep 1; echo end`),
    ),
  );
  answering(s.client, 'decline');
  const thread = await s.startThread();
  const turn = await s.turn(thread);
  t.equal(turn.status, 'completed');
  t.match(s.completed.get('bystander'), { status: 'completed', exitCode: 0, aggregatedOutput: 'on\nend\n' });
  const denial = {
    host: UNLISTED,
    port: s.upstream.port,
    protocol: 'http',
    reason: 'not_allowed',
    rule: null,
    source: 'decider',
  };
  t.match(s.completed.get('no'), { status: 'failed', exitCode: -1, aggregatedOutput: 'begin\n\nrejected by user' });
  t.strictSame(s.completed.get('no')?.networkDenial, denial);
  t.equal(
    outputOf(s.model, 'no'),
    'exec_command failed: rejected by user\nOutput before it was ended:\nbegin\n',
    'a sentence and the output',
  );
  const read = await s.client.request('thread/read', { threadId: thread, includeTurns: true });
  const stored = read.thread.turns.flatMap(({ items }) => items).find(({ id }) => id === 'no');
  t.match(stored, { type: 'commandExecution', status: 'failed', networkDenial: denial }, 'the history keeps it');
  t.strictSame(s.upstream.hits, []);
});

t.test('a deny rule and an amendment for another host are separate refusals', async (t) => {
  const s = await scene(t, (port) => [
    ...commands(exec('rule', `${ask(DENIED, port, '/')}; sleep 60`)),
    ...commands(exec('wrong', `${ask(UNLISTED, port, '/')}; sleep 60`)),
  ]);
  const warnings: string[] = [];
  s.client.onNotification('warning', ({ message }) => warnings.push(message));
  const elsewhere = { host: 'elsewhere.test', action: 'allow' as const };
  const prompts = answering(s.client, { applyNetworkPolicyAmendment: { network_policy_amendment: elsewhere } });
  const thread = await s.startThread();
  await s.turn(thread);
  t.equal(prompts.length, 0, 'what a rule denies is not asked about');
  t.match(s.completed.get('rule'), { networkDenial: { host: DENIED, reason: 'denied', rule: DENIED } });
  await s.turn(thread);
  t.match(
    outputOf(s.model, 'wrong'),
    `Network access to "http://${UNLISTED}:${s.upstream.port}" was blocked by policy.`,
  );
  t.match(warnings.join('\n'), `host 'elsewhere.test' does not match approved host '${UNLISTED}'`);
  t.equal(rules(s), '');
});

t.test('requests of one command for one target share a prompt; two commands have one each', async (t) => {
  const s = await scene(t, (port) => {
    const line = (path: string): string => ask(UNLISTED, port, path).replace('IFS=', 'echo sent; IFS=');
    const thrice = [1, 2, 3].map((n) => `(${line(`/${n}`)}) &`).join(' ');
    return commands(exec('thrice', `${thrice} wait`), exec('other', line('/other')));
  });
  let sent = 0;
  s.client.onNotification('item/commandExecution/outputDelta', ({ delta }) => {
    sent += delta.split('sent').length - 1;
  });
  // A yes counts for those that wait for it: all of them have to be there.
  const late = async (): Promise<Answer> => {
    await until(() => sent === 4, 'all requests are sent');
    await elapse(500, 'the requests that are sent arrive, and wait for the one answer');
    return 'accept';
  };
  const prompts = answering(s.client, late, late);
  await s.turn(await s.startThread());
  t.strictSame(prompts.map(({ commandItemId }) => commandItemId).sort(), ['other', 'thrice']);
  t.equal(s.upstream.hits.length, 4);
});

t.test('nobody is asked under never, or if the settings forbid questions', async (t) => {
  for (const [keys, tables] of [
    ['', '[codexd]\nnetwork_prompts = "never"'],
    ['', '[codexd]\nnetwork_prompts = "managed"'],
  ] as const) {
    const s = await scene(t, (port) => commands(exec('c1', `${ask(UNLISTED, port, '/')}; sleep 60`)), { keys, tables });
    const prompts = answering(s.client, 'accept');
    await s.turn(await s.startThread());
    t.equal(prompts.length, 0, tables);
    t.match(s.completed.get('c1')?.aggregatedOutput, 'domain is not on the allowlist for the current sandbox mode.');
  }
  const s = await scene(t, (port) => commands(exec('c1', `${ask(UNLISTED, port, '/')}; sleep 60`)));
  const prompts = answering(s.client, 'accept');
  const { thread } = await s.client.request('thread/start', { cwd: s.daemon.work, approvalPolicy: 'never' });
  await s.turn(thread.id);
  t.equal(prompts.length, 0);
  t.match(s.completed.get('c1'), { status: 'failed', networkDenial: { source: 'baseline_policy' } });
});

t.test('cancel ends the turn; an interrupt withdraws the prompt and ends the command', async (t) => {
  const s = await scene(t, (port) => [
    items(exec('c1', `${ask(UNLISTED, port, '/')}; sleep 60`)),
    items(exec('c2', `${ask(UNLISTED, port, '/')}; sleep 60`)),
  ]);
  const resolved: unknown[] = [];
  s.client.onNotification('serverRequest/resolved', ({ requestId }) => resolved.push(requestId));
  let open = false;
  answering(s.client, 'cancel', () => {
    open = true;
    return new Promise(() => {});
  });
  const thread = await s.startThread();
  t.equal((await s.turn(thread)).status, 'interrupted');
  await until(() => s.completed.has('c1'), 'the command of the cancelled turn ends');
  t.match(s.completed.get('c1'), { status: 'failed', exitCode: -1, aggregatedOutput: 'rejected by user' });
  t.equal(s.model.requests.length, 1, 'the model is not asked again');

  const ended = s.turn(thread);
  await until(() => open, 'the second prompt');
  const { thread: now } = await s.client.request('thread/read', { threadId: thread, includeTurns: false });
  t.strictSame(now.status, { type: 'active', activeFlags: ['waitingOnApproval'] });
  const turnId = s.client.request('thread/turns/list', { threadId: thread, limit: 1 });
  const [last] = (await turnId).data;
  await s.client.request('turn/interrupt', { threadId: thread, turnId: last?.id ?? '' });
  t.equal((await ended).status, 'interrupted');
  await until(() => s.completed.has('c2'), 'the command of the interrupted turn ends');
  t.match(s.completed.get('c2'), { status: 'failed', aggregatedOutput: 'rejected by user' });
  t.equal(resolved.length, 2);
});

t.test('a command after the end of its turn is refused without a prompt', async (t) => {
  const s = await scene(t, (port) =>
    commands(exec('c1', `echo hi; sleep 2; ${ask(UNLISTED, port, '/')}; sleep 60`, { yield_time_ms: 250 })),
  );
  const prompts = answering(s.client, 'accept');
  const turn = await s.turn(await s.startThread());
  t.equal(turn.status, 'completed');
  t.notOk(s.completed.has('c1'), 'it outlives its turn');
  await until(() => s.completed.has('c1'), 'it is ended');
  t.equal(prompts.length, 0);
  t.match(s.completed.get('c1'), { status: 'failed', exitCode: -1, networkDenial: { host: UNLISTED } });
});

t.test('a client that reconnects receives the same question, and may answer', async (t) => {
  const s = await scene(t, (port) => commands(exec('c1', ask(UNLISTED, port, '/a'))));
  const leaving = await s.daemon.connect();
  const first: Prompt[] = [];
  leaving.onRequest(METHOD, (prompt) => {
    first.push(prompt);
    return new Promise(() => {});
  });
  const thread = await s.startThread(leaving);
  void runTurn(leaving, thread, 'go').catch(() => {});
  await until(() => first.length === 1, 'the prompt');
  await leaving.close();
  const prompts = answering(s.client, 'accept');
  const done: string[] = [];
  s.client.onNotification('turn/completed', ({ turn }) => done.push(turn.status));
  const resumed = await s.client.request('thread/resume', { threadId: thread });
  t.strictSame(resumed.thread.status, { type: 'active', activeFlags: ['waitingOnApproval'] });
  await until(() => done.length === 1, 'the end of the turn');
  t.strictSame(prompts, first);
  t.strictSame(s.upstream.hits, ['/a']);
});

t.test('a reviewer answers in the person’s place', async (t) => {
  const verdict = (outcome: string, more: object = {}): Step => say(JSON.stringify({ outcome, ...more }));
  const call = (id: string, port: number): Step => items(exec(id, `${ask(UNLISTED, port, `/${id}`)}; echo end`));
  const s = await scene(
    t,
    (port) => [
      call('good', port),
      verdict('allow', { risk_level: 'low', user_authorization: 'high', rationale: 'fine' }),
      call('bad', port),
      verdict('deny', { rationale: 'no good' }),
      call('odd', port),
      say('I would say yes'),
      say('{"outcome": "maybe"}'),
      say('yes'),
      say('done'),
    ],
    { keys: 'approvals_reviewer = "auto_review"' },
  );
  const told: [string, string][] = [];
  s.client.onNotification('guardianWarning', ({ message }) => told.push(['warning', message]));
  s.client.onNotification('item/autoApprovalReview/completed', ({ review }) => told.push(['completed', review.status]));
  const prompts = answering(s.client, 'accept');
  await s.turn(await s.startThread());
  t.equal(prompts.length, 0);
  t.strictSame(s.upstream.hits, ['/good']);
  t.match(s.completed.get('good'), { status: 'completed' });
  t.match(
    s.completed.get('bad')?.aggregatedOutput,
    'This action was rejected due to unacceptable risk.\nReason: no good\n',
  );
  t.match(s.completed.get('odd')?.aggregatedOutput, 'guardian assessment was not valid JSON');
  t.strictSame(told, [
    ['warning', 'Automatic approval review approved (risk: low, authorization: high): fine'],
    ['completed', 'approved'],
    ['warning', 'Automatic approval review denied (risk: high, authorization: unknown): no good'],
    ['completed', 'denied'],
    ['warning', 'Automatic approval review failed: guardian assessment was not valid JSON'],
    ['completed', 'denied'],
  ]);
  const asked = s.model.requests.filter(({ body }) => body.text !== undefined);
  t.equal(asked.length, 5);
  t.ok(
    asked.every(({ body }) => (body.tools as unknown[]).length === 0),
    'a reviewer has no tools',
  );
});
