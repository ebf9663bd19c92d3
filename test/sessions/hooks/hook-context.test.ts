import t from 'tap';
import { answerOf } from '../../../server/hooks/run/hook-answer.js';
import type { HookAnswer } from '../../../server/hooks/run/hook-answer.js';
import {
  contextRecords,
  contextsOf,
  forModel,
  isStopped,
  refusalOf,
  textsOf,
} from '../../../server/sessions/hooks/hook-context.js';
import { hook } from './support.js';

const result = (answer: HookAnswer, additionalContextLimit: number | null = null) => ({
  runId: 'run',
  ms: 1,
  hook: hook('stop', 'true', { additionalContextLimit }),
  answer,
});
const context = (text: string) => answerOf('completed', [{ kind: 'context', text }]);

t.test('context is shortened to the limit of its hook', async (t) => {
  t.same(contextsOf([result(context('a')), result(answerOf('completed', [{ kind: 'warning', text: 'w' }]))]), ['a']);
  t.match(contextsOf([result(context('x'.repeat(4_000)), 100)]), [/^Warning: truncated output.*tokens truncated/s]);
  t.equal(forModel('x'.repeat(10_000)).length, 10_000);
  t.match(forModel('x'.repeat(10_001)), /tokens truncated/);
  t.same(textsOf(context('b')), ['b']);
  t.match(contextRecords(['a']), [{ payload: { role: 'developer', content: [{ text: 'a' }] } }]);
});

t.test('the first refusal counts, and any stop', async (t) => {
  const blocked = (reason: string) => result(answerOf('blocked', [], { reason }));
  t.equal(refusalOf([result(answerOf('failed')), blocked('one'), blocked('two')]), 'one');
  t.equal(refusalOf([result(answerOf('stopped'))]), null);
  t.same([isStopped([blocked('one')]), isStopped([blocked('one'), result(answerOf('stopped'))])], [false, true]);
});
