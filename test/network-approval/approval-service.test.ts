import t from 'tap';
import { NO_RULES } from '../../server/config/rules/rule-set.js';
import type { Ask, Question } from '../../server/network-approval/approval-service.js';
import type { Answer } from '../../server/network-approval/decide/decide.js';
import { policyOf } from './support/policy.js';
import { loopbackPool, portsOf, register, startService } from './support/service.js';
import { converse, open, startTcp, startUpstream } from './support/wire.js';
import { elapse, until } from '../fixtures/until.js';

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nConnection: close\r\n\r\n`;
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });

t.test('cancel: the first denial aborts the command with all of its facts, and no answer is sent', async (t) => {
  const { service, decisions } = startService(t);
  const registration = await register(service, { onDenial: 'cancel' });
  const { http } = portsOf(registration);
  const first = await open(http);
  first.send(get('http://EVIL.test.:8080/'));
  const denial = {
    host: 'evil.test',
    port: 8080,
    protocol: 'http',
    reason: 'denied',
    rule: 'evil.test',
    source: 'baseline_policy',
    message:
      'Network access to "evil.test" was blocked: domain is explicitly denied by policy and cannot be approved from this prompt.',
  };
  await aborted(registration.signal);

  const second = await open(http);
  second.send('CONNECT api.test:443 HTTP/1.1\r\n\r\n');
  await until(() => decisions.list().length === 2, 'both decisions');
  t.equal(first.received() + second.received(), '', 'no 403 that may or may not reach the output');

  const closed = [first, second].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
  t.strictSame(registration.finish({ treeGone: true }), denial, 'case 46: the first denial, returned once');
  t.equal(registration.finish({ treeGone: true }), null);
  for (const { socket } of [first, second]) socket.end(); // half-open ends close when both sides have
  await Promise.all(closed);
  t.equal(first.received() + second.received(), '');
});

t.test('refuse: only the request is refused', async (t) => {
  const { service } = startService(t);
  const registration = await register(service);
  t.match(await converse(portsOf(registration).http, get('http://evil.test/')), /403 Forbidden/);
  t.notOk(registration.signal.aborted);
  t.equal(registration.finish({ treeGone: true }), null);
});

t.test('two commands: each is judged by its own policy and only for its own requests', async (t) => {
  const { service, decisions } = startService(t);
  const a = await register(service, {
    onDenial: 'cancel',
    policy: policyOf({ 'a.test': 'allow' }, { allowLocalBinding: true }),
  });
  const b = await register(service, {
    onDenial: 'cancel',
    policy: policyOf({ 'b.test': 'allow' }, { allowLocalBinding: true }),
  });
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  t.match(await converse(portsOf(b).http, get(`http://b.test:${upstream.port}/`)), /200 OK/);
  const denied = await open(portsOf(a).http);
  denied.send(get(`http://b.test:${upstream.port}/`));
  await aborted(a.signal);
  t.notOk(b.signal.aborted, 'the neighbour runs on');
  t.match(await converse(portsOf(b).http, get(`http://b.test:${upstream.port}/`)), /200 OK/);
  t.match(a.finish({ treeGone: true }), { host: 'b.test', reason: 'not_allowed' });
  t.equal(b.finish({ treeGone: true }), null);
  t.strictSame(
    decisions.list().map(({ registrationId, verdict }) => [registrationId, verdict]),
    [
      [b.id, 'allow'],
      [a.id, 'deny'],
      [b.id, 'allow'],
    ],
  );
});

t.test('case 42: nothing of a command reaches any server after it has ended', async (t) => {
  const { service } = startService(t);
  const upstream = await startUpstream((_request, response) => response.write('begin'));
  const silent = await startTcp((socket) => socket.resume());
  t.teardown(() => {
    upstream.close();
    silent.close();
  });
  const registration = await register(service);
  const { http, socks } = portsOf(registration);
  const request = await open(http);
  request.send(get(`http://ok.test:${upstream.port}/`));
  await request.until(/begin/);
  const tunnel = await open(http);
  tunnel.send(`CONNECT ok.test:${silent.port} HTTP/1.1\r\n\r\n`);
  await tunnel.until(/200 OK/);
  const idle = await open(http);

  const upstreamClosed = new Promise((resolve) => upstream.connections[0]?.once('close', resolve));
  const ends = [request, tunnel, idle].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
  registration.finish({ treeGone: true });
  for (const { socket } of [request, tunnel, idle]) socket.end();
  await Promise.all([...ends, upstreamClosed]);
  for (const port of [http, socks])
    await t.rejects(
      open(port).then(({ until }) => until(/x/)),
      'nobody listens any more',
    );
});

t.test('case 42: a request that waits for a lookup when the command ends is not connected afterwards', async (t) => {
  let answer = (_addresses: readonly string[]): void => {};
  const asked = new Promise<void>((resolve) => {
    const { service } = startService(t, {
      resolver: {
        lookup: () => {
          resolve();
          return new Promise((done) => (answer = done));
        },
      },
    });
    void register(service).then(async (registration) => {
      const conversation = await open(portsOf(registration).http);
      conversation.send(get(`http://ok.test:${upstream.port}/`));
      await asked;
      registration.finish({ treeGone: true });
      answer(['127.0.0.1']);
      await elapse(50, 'the request of the ended command would be sent now');
      finished();
    });
  });
  let finished = (): void => {};
  const end = new Promise<void>((resolve) => (finished = resolve));
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  await end;
  t.equal(upstream.connections.length, 0);
});

t.test('a command without a network policy is registered, without a lane', async (t) => {
  const { service } = startService(t);
  const registration = await register(service, { policy: null });
  t.equal(registration.lane, null);
  t.equal(registration.finish({ treeGone: true }), null);
});

t.test('with a policy that does not compile, the command is refused, and no lane is taken', async (t) => {
  let lanes = 0;
  const pool = loopbackPool();
  const { service } = startService(t, { lanes: { ...pool, acquire: (request) => (lanes++, pool.acquire(request)) } });
  await t.rejects(register(service, { policy: policyOf({ '**': 'allow' }) }), { code: 'network.policy' });
  t.equal(lanes, 0);
});

const managed = policyOf({ 'evil.test': 'deny' }, { managed: true, allowLocalBinding: true });

/** Prompts that a test answers by hand. */
function questions(): { ask: Ask; open: { question: Question; signal: AbortSignal; answer(answer: Answer): void }[] } {
  const open: { question: Question; signal: AbortSignal; answer(answer: Answer): void }[] = [];
  return {
    open,
    ask: (question, signal) => new Promise((answer) => open.push({ question, signal, answer })),
  };
}

t.test('case 44: requests for one target share one question; another port has its own', async (t) => {
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  const { ask, open: asked } = questions();
  const { service, decisions } = startService(t, { ask });
  const registration = await register(service, { policy: managed, onDenial: 'cancel', argv: ['curl'] });
  t.teardown(() => void registration.finish({ treeGone: true }));
  const { http } = portsOf(registration);
  const same = [1, 2, 3].map((n) => converse(http, get(`http://api.test:${upstream.port}/${n}`)));
  const other = await open(http);
  other.send(get('http://api.test:9/'));
  await until(() => asked.length === 2, 'the question');
  t.match(asked[0]?.question, { argv: ['curl'], registrationId: registration.id, request: { protocol: 'http' } });
  t.strictSame(asked.map(({ question }) => question.request.target.port).sort(), [9, upstream.port].sort());
  asked.find(({ question }) => question.request.target.port === upstream.port)?.answer({ allow: true });
  for (const answer of await Promise.all(same)) t.match(answer, /200 OK/);
  t.notOk(registration.signal.aborted);
  t.match(decisions.list()[0], { verdict: 'allow', source: 'decider' });
  asked
    .find(({ question }) => question.request.target.port === 9)
    ?.answer({ allow: false, sentence: 'rejected by user' });
  await aborted(registration.signal);
  t.match(registration.finish({ treeGone: true }), { message: 'rejected by user', source: 'decider', port: 9 });
});

t.test('an answer counts for the requests that waited for it: the next request asks again', async (t) => {
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  let asked = 0;
  const { service } = startService(t, { ask: async () => ({ allow: ++asked < 3 }) as Answer });
  const registration = await register(service, { policy: managed });
  for (const expected of [/200 OK/, /200 OK/, /403 Forbidden/]) {
    t.match(await converse(portsOf(registration).http, get(`http://api.test:${upstream.port}/`)), expected);
  }
  t.equal(asked, 3);
});

t.test('case 45: an answer after the command’s end changes nothing; the prompt is withdrawn', async (t) => {
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  const { ask, open: asked } = questions();
  const { service, warnings } = startService(t, { ask });
  const registration = await register(service, { policy: managed, onDenial: 'cancel' });
  const conversation = await open(portsOf(registration).http);
  conversation.send(get(`http://api.test:${upstream.port}/`));
  await until(() => asked.length === 1, 'the question');
  t.equal(registration.finish({ treeGone: true }), null);
  t.ok(asked[0]?.signal.aborted);
  asked[0]?.answer({ allow: true });
  await elapse(20, 'the late answer would open a connection');
  t.equal(upstream.connections.length, 0);
  t.notOk(registration.signal.aborted);
  t.strictSame(warnings, []);
});

t.test('a refusal of one target withdraws the command’s other questions at once', async (t) => {
  const { ask, open: asked } = questions();
  const { service } = startService(t, { ask });
  const registration = await register(service, { policy: managed, onDenial: 'cancel' });
  const waits: boolean[] = [];
  const stop = registration.watchPrompts((waiting) => waits.push(waiting));
  const { http } = portsOf(registration);
  for (const host of ['a.test', 'b.test']) (await open(http)).send(get(`http://${host}/`));
  await until(() => asked.length === 2, 'the question');
  t.strictSame(waits, [true], 'told once, however many questions are open');
  const late: boolean[] = [];
  registration.watchPrompts((waiting) => late.push(waiting))();
  t.strictSame(late, [true], 'who comes late is told at once');
  asked[0]?.answer({ allow: false, sentence: 'rejected by user' });
  await aborted(registration.signal);
  t.ok(asked[1]?.signal.aborted, 'before the processes are gone');
  asked[1]?.answer(null);
  await until(() => waits.length === 2, 'the end of the wait');
  t.strictSame(waits, [true, false]);
  stop();
  const third = await open(http);
  third.send(get('http://c.test/'));
  await elapse(20, 'the third request would be asked about');
  t.equal(asked.length, 2, 'a command that is being ended is not asked about');
  t.match(registration.finish({ treeGone: true }), { host: asked[0]?.question.request.target.host.text });
});

t.test('refuse: a refusal is only for the request, unless it is for the command', async (t) => {
  const answers: Answer[] = [
    { allow: false, sentence: null },
    { allow: false, sentence: 'rejected by user', endsCommand: true },
  ];
  const { service } = startService(t, { ask: async () => answers.shift() ?? null });
  const registration = await register(service, { policy: managed, onDenial: 'refuse' });
  const { http } = portsOf(registration);
  t.match(await converse(http, get('http://api.test:81/')), /403 Forbidden[^]*"decision":"deny","source":"decider"/);
  t.notOk(registration.signal.aborted);
  (await open(http)).send(get('http://api.test:82/'));
  await aborted(registration.signal);
  t.match(registration.finish({ treeGone: true }), { port: 82, message: 'rejected by user' });
});

t.test('rules files also count for running commands', async (t) => {
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  let rules = NO_RULES;
  const { service, decisions } = startService(t, { ruleFiles: () => rules });
  const registration = await register(service);
  const { http } = portsOf(registration);
  const status = async (host: string): Promise<string> =>
    (await converse(http, get(`http://${host}:${upstream.port}/`))).split('\r\n')[0] ?? '';
  t.match(await status('ok.test'), '200');
  t.match(await status('more.test'), '403');
  const place = { path: 'x.rules', line: 1, justification: null };
  rules = {
    ...NO_RULES,
    revision: 'one',
    networkRules: [
      { ...place, pattern: 'ok.test', protocol: null, decision: 'deny' },
      { ...place, pattern: 'more.test', protocol: 'http', decision: 'allow' },
    ],
  };
  t.match(await status('ok.test'), '403');
  t.match(await status('more.test'), '200');
  t.match(decisions.list().at(-2), { verdict: 'deny', reason: 'denied', rule: 'ok.test' });
  rules = NO_RULES;
  t.match(await status('ok.test'), '200');
  registration.finish({ treeGone: true });
});

t.test('if asking fails, the request is refused and the failure is logged', async (t) => {
  const { service, warnings } = startService(t, {
    ask: async () => {
      throw new Error('the client is gone');
    },
  });
  const registration = await register(service, { policy: managed, onDenial: 'cancel' });
  const conversation = await open(portsOf(registration).http);
  conversation.send(get('http://api.test/'));
  await aborted(registration.signal);
  t.match(warnings.join(), 'the client is gone');
  t.match(registration.finish({ treeGone: true }), { message: 'approval request failed', source: 'decider' });
});

t.test('without a recipient of prompts, the refusal has the rule’s own reason', async (t) => {
  const { service } = startService(t);
  const registration = await register(service, { policy: managed });
  const answer = await converse(portsOf(registration).http, get('http://api.test/'));
  t.match(answer, '"decision":"ask","source":"decider"');
  registration.finish({ treeGone: true });
});

t.test('the decision log records the owner and the outcome of each request', async (t) => {
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  const { service, decisions } = startService(t);
  const owner = { kind: 'thread', threadId: 't1', turnId: 'u1', itemId: 'i1' } as const;
  const policy = policyOf({ '**.ok.test': 'allow', '10.0.0.1': 'deny' });
  const registration = await register(service, { owner, policy });
  const { http } = portsOf(registration);
  for (const url of ['http://x.ok.test/', 'http://10.0.0.1/', 'http://api.test/', 'http://unknown.ok.test/']) {
    await converse(http, get(url));
  }
  registration.finish({ treeGone: true });
  const common = {
    registrationId: registration.id,
    owner,
    policyRevision: policy.revision,
    protocol: 'http',
    method: 'GET',
  };
  t.match(decisions.list(), [
    {
      ...common,
      verdict: 'deny',
      reason: 'not_allowed_local',
      rule: null,
      detail: '127.0.0.1 is loopback',
      address: null,
    },
    { ...common, verdict: 'deny', reason: 'denied', rule: '10.0.0.1' },
    { ...common, verdict: 'deny', reason: 'not_allowed', rule: null, source: 'baseline_policy' },
    { ...common, verdict: 'deny', reason: 'not_allowed_local', detail: 'lookup failed: ENOTFOUND' },
  ]);
  t.ok(decisions.list().every(({ latencyMs }) => latencyMs >= 0));
});

t.test('close: running commands lose the network', async (t) => {
  const { service } = startService(t);
  const registration = await register(service);
  const conversation = await open(portsOf(registration).http);
  conversation.socket.ref();
  const ended = new Promise((resolve) => conversation.socket.once('end', resolve));
  await service.close();
  await ended;
  conversation.socket.destroy();
  t.equal(registration.finish({ treeGone: true }), null);
});
