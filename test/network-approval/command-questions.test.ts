/** Who is asked about a command's requests, how often, and until when. */
import t from 'tap';
import type { Ask, Question } from '../../server/network-approval/command-questions.js';
import type { Answer } from '../../server/network-approval/decide/decide.js';
import { elapse, until } from '../fixtures/until.js';
import { policyOf } from './support/policy.js';
import { portsOf, register, startService } from './support/service.js';
import { converse, open, startUpstream } from './support/wire.js';

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nConnection: close\r\n\r\n`;
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
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
