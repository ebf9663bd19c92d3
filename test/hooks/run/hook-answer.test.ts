import t from 'tap';
import { answerOf, failedAnswer, nonEmpty, stopped } from '../../../server/hooks/run/hook-answer.js';
import { readHookOutput } from '../../../server/hooks/run/read-output.js';

t.test('an answer has only what was said', async (t) => {
  t.same(answerOf('completed'), { status: 'completed', entries: [], reason: null, allows: false });
  t.same(failedAnswer('why', [{ kind: 'warning', text: 'w' }]).entries, [
    { kind: 'warning', text: 'w' },
    { kind: 'error', text: 'why' },
  ]);
  t.same([nonEmpty(null), nonEmpty(' '), nonEmpty(' a')], [false, false, true]);
});

t.test('a hook stops the work with or without a reason', async (t) => {
  const of = (text: string) => {
    const read = readHookOutput(text, {});
    return read.kind === 'json' ? stopped(read.output, [{ kind: 'context', text: 'c' }]) : undefined;
  };
  t.equal(of('{}'), null);
  t.match(of('{"continue":false}'), { status: 'stopped', entries: [{ kind: 'context' }], reason: null });
  t.match(of('{"continue":false,"stopReason":"r"}'), { entries: [{ kind: 'context' }, { kind: 'stop', text: 'r' }] });
});
