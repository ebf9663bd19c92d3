import t from 'tap';
import type { Ask, Question } from '../../../server/network-approval/command-questions.js';
import type { Answer } from '../../../server/network-approval/decide/decide.js';
import type { NetworkDenial } from '../../../server/network-approval/registration/denial.js';
import type { Prompter } from '../../../server/network-approval/registration/prompter.js';
import { createSessionMemory } from '../../../server/network-approval/registration/session-memory.js';
import type { Work } from '../../../server/network-approval/registration/work.js';
import { wireDecision } from '../../../server/network-approval/audit/decisions-list.js';
import { until } from '../../fixtures/until.js';
import { portsOf, register, startService } from '../support/service.js';
import { converse, startUpstream } from '../support/wire.js';

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nConnection: close\r\n\r\n`;

interface TestWork extends Work {
  readonly denials: NetworkDenial[];
  end(): void;
}

function work(id: number, prompter: Prompter | null = null): TestWork {
  const over = new AbortController();
  const denials: NetworkDenial[] = [];
  return {
    id,
    owner: { kind: 'thread', threadId: 't', turnId: 'u', itemId: `call ${id}`, mcpServer: 'srv' },
    prompter,
    over: over.signal,
    denied: (denial) => void denials.push(denial),
    denials,
    end: () => over.abort(),
  };
}

const nobody: Prompter = { memory: createSessionMemory(), offers: () => [], ask: () => Promise.resolve(null) };

function questions(): { ask: Ask; open: { question: Question; signal: AbortSignal; answer(answer: Answer): void }[] } {
  const open: { question: Question; signal: AbortSignal; answer(answer: Answer): void }[] = [];
  return { open, ask: (question, signal) => new Promise((answer) => open.push({ question, signal, answer })) };
}

t.test('a refused request concerns the work of its moment, and the command continues', async (t) => {
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  const { service, decisions } = startService(t);
  let now = work(1);
  const [first, second] = [now, work(2)];
  const registration = await register(service, { onDenial: 'cancel', workNow: () => now });
  t.teardown(() => void registration.finish({ treeGone: true }));
  const { http } = portsOf(registration);
  t.match(await converse(http, get('http://evil.test/')), /403 Forbidden/);
  now = second;
  t.match(await converse(http, get('http://unlisted.test/')), /403 Forbidden/);
  t.match(await converse(http, get(`http://ok.test:${upstream.port}/`)), /200 OK/);
  t.match(first.denials, [{ host: 'evil.test', rule: 'evil.test', message: /was blocked/ }]);
  t.match(second.denials, [{ host: 'unlisted.test', reason: 'not_allowed' }]);
  t.notOk(registration.signal.aborted);
  t.match(decisions.list().map(wireDecision), [
    { threadId: 't', itemId: 'call 1', mcpServer: 'srv', verdict: 'deny' },
    { itemId: 'call 2', mcpServer: 'srv', verdict: 'deny' },
    { itemId: 'call 2', mcpServer: 'srv', verdict: 'allow' },
  ]);
  t.equal(registration.finish({ treeGone: true }), null, 'no denial of the command itself');
});

t.test('a request belongs to the work in which it arrived, however late its answer is', async (t) => {
  const { ask, open } = questions();
  const { service } = startService(t, { ask });
  const [first, second] = [work(1, nobody), work(2, nobody)];
  let now = first;
  const registration = await register(service, { onDenial: 'cancel', workNow: () => now });
  t.teardown(() => void registration.finish({ treeGone: true }));
  const { http } = portsOf(registration);
  const early = converse(http, get('http://a.test/'));
  await until(() => open.length === 1, 'the question of the first');
  now = second;
  const late = converse(http, get('http://a.test/'));
  await until(() => open.length === 2, 'each work asks for itself, also about the same target');
  t.match(open[0]?.question.owner, { itemId: 'call 1' });
  t.match(open[1]?.question.owner, { itemId: 'call 2' });
  open[0]?.answer({ allow: false, sentence: 'rejected by user', endsCommand: true });
  t.match(await early, /403 Forbidden/);
  t.match(first.denials, [{ message: 'rejected by user' }], 'a cancel ends the work and not the command');
  t.same(second.denials, []);
  t.notOk(registration.signal.aborted);
  t.notOk(open[1]?.signal.aborted);
  second.end();
  t.ok(open[1]?.signal.aborted, 'its prompt is withdrawn with its end');
  open[1]?.answer(null);
  t.match(await late, /403 Forbidden/);
  t.match(second.denials, [{ reason: 'not_allowed' }]);
  t.match(await converse(http, get('http://b.test/')), /403 Forbidden/);
  t.equal(open.length, 2, 'what comes after the end asks nobody');
});
