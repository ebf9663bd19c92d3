import t from 'tap';
import {
  answererOfAnswer,
  createOpenQuestions,
  isForPeople,
  noteAnswerer,
} from '../../../server/rpc/connection/open-questions.js';
import { fakeClient } from '../../operator/support.js';

const asked = {
  owner: { kind: 'connection', connectionId: 1, requestId: 2, processId: null },
  method: 'network/requestApproval',
  params: { host: 'h' },
} as const;

t.test('the first answer of an operator settles a question, and is logged with who gave it', async (t) => {
  const lines: unknown[] = [];
  const questions = createOpenQuestions({ info: (message, fields) => void lines.push([message, fields]) });
  const events: unknown[] = [];
  questions.watch({
    opened: ({ id, method }) => void events.push(['opened', id, method]),
    settled: ({ id }, by) => void events.push(['settled', id, by]),
  });
  const answers: unknown[] = [];
  const settle = questions.open(asked, (result, by) => {
    answers.push(result);
    settle(by);
  });
  t.match(questions.list(), [{ id: '1', method: asked.method, params: { host: 'h' } }]);
  const { caller } = fakeClient(9);
  t.throws(() => questions.answer('1', { decision: 'perhaps' }, caller), { message: /^invalid result for network/ });
  t.equal(questions.answer('1', { decision: 'accept' }, caller), true);
  t.equal(questions.answer('1', { decision: 'decline' }, caller), false, 'it is settled');
  settle(null);
  t.same(answers, [{ decision: 'accept' }]);
  const by = { connectionId: 9, clientName: 'client 9' };
  t.same(events, [
    ['opened', '1', 'network/requestApproval'],
    ['settled', '1', by],
  ]);
  t.same(lines, [
    ['question answered', { method: 'network/requestApproval', connection: 1, by: 9, client: 'client 9' }],
  ]);
  t.same(questions.list(), []);
});

t.test('an answer keeps who gave it', async (t) => {
  const by = { connectionId: 1, clientName: null };
  t.same(answererOfAnswer(noteAnswerer({ decision: 'accept' }, by)), by);
  t.equal(answererOfAnswer({}), null);
});

t.test('questions for programs are not for people', async (t) => {
  t.notOk(isForPeople('item/tool/call'));
  t.ok(isForPeople('item/fileChange/requestApproval'));
});
