import { once } from 'node:events';
import t from 'tap';
import { autoReview, type ReviewSubject } from '../../../server/sessions/approvals/auto-review.js';
import { createReviewTally } from '../../../server/sessions/runtime/review-tally.js';
import type { ToolContext } from '../../../server/sessions/tool-types/tool.js';
import { memberOf } from '../../fixtures/history-item.js';
import type { SideQuestion } from '../../../server/sessions/context/side-questions.js';

const subject: ReviewSubject = {
  targetItemId: 'c1',
  action: { type: 'command', source: 'unifiedExec', command: 'ls', cwd: '/project' },
  planned: { tool: 'exec_command', command: ['ls'] },
};

/** A turn whose model gives these answers. A function may examine the question, wait, or throw. */
function context(...answers: (string | ((question: SideQuestion, signal: AbortSignal) => Promise<string>))[]) {
  const told: { method: string; params: Record<string, unknown> }[] = [];
  const asked: SideQuestion[] = [];
  const made = {
    thread: {
      id: 'thread',
      events: { notify: (method: string, params: Record<string, unknown>) => void told.push({ method, params }) },
    },
    turn: { id: 'turn', runtime: { reviews: createReviewTally() } },
    cancelTurn: () => void told.push({ method: 'cancelTurn', params: {} }),
    state: {
      wire: { cwd: '/project', sandboxPolicy: { type: 'readOnly' }, approvalPolicy: 'on-request' },
      settings: { modelRequirements: { reviewPolicy: null } },
    },
    sideQuestions: {
      history: async () => [],
      async ask(question: SideQuestion, signal: AbortSignal) {
        asked.push({ ...question, input: [...question.input] });
        const answer = answers[asked.length - 1] ?? '';
        return typeof answer === 'string' ? answer : answer(question, signal);
      },
    },
  };
  return { context: made as unknown as ToolContext, told, asked };
}

const never = new AbortController().signal;
const statuses = (told: { params: Record<string, unknown> }[]): unknown[] =>
  told.flatMap(({ params }) => ('review' in params ? [(params.review as { status: string }).status] : []));

t.test('an approval is allowed, and clients are notified', async (t) => {
  const { context: turn, told } = context('{"outcome":"allow","risk_level":"low","rationale":"harmless"}');
  t.strictSame(await autoReview(turn, subject, never), { allowed: true });
  t.strictSame(
    told.map(({ method }) => method),
    ['item/autoApprovalReview/started', 'guardianWarning', 'item/autoApprovalReview/completed'],
  );
  t.equal(told[0]?.params.reviewId, told[2]?.params.reviewId);
  t.equal(told[1]?.params.message, 'Automatic approval review approved (risk: low, authorization: unknown): harmless');
});

t.test('an invalid answer is requested again, together with the earlier messages', async (t) => {
  const { context: turn, asked } = context('hm', '{"outcome":"allow"}');
  t.strictSame(await autoReview(turn, subject, never), { allowed: true });
  t.equal(asked.length, 2);
  t.strictSame(
    asked[1]?.input.slice(-2).map((item) => memberOf(item, 'role')),
    ['assistant', 'user'],
  );
});

t.test('three invalid answers, and an endpoint that fails, are refusals', async (t) => {
  const mute = context('a', 'b', 'c', '{"outcome":"allow"}');
  t.match(await autoReview(mute.context, subject, never), {
    allowed: false,
    text: /^Automatic approval review failed: guardian assessment was not valid JSON\n/,
  });
  t.equal(mute.asked.length, 3);
  const broken = context(...Array(3).fill(async () => Promise.reject(new Error('no endpoint'))));
  t.match(await autoReview(broken.context, subject, never), {
    allowed: false,
    text: /^Automatic approval review failed: no endpoint\n/,
  });
  t.strictSame(statuses(broken.told), ['inProgress', 'denied']);
});

t.test('an interrupted review allows nothing', async (t) => {
  const stop = new AbortController();
  const hanging = async (_: SideQuestion, signal: AbortSignal): Promise<string> => {
    setImmediate(() => stop.abort(new Error('interrupted')));
    if (!signal.aborted) await once(signal, 'abort');
    signal.throwIfAborted();
    return '{"outcome":"allow"}';
  };
  const { context: turn, told } = context(hanging);
  await t.rejects(autoReview(turn, subject, stop.signal), { message: 'interrupted' });
  t.strictSame(statuses(told), ['inProgress', 'aborted']);
});

t.test('the third denial in a row ends the turn, once its item is complete', async (t) => {
  const no = '{"outcome":"deny","rationale":"no"}';
  const { context: turn, told } = context(no, no, no);
  for (const last of [false, false, true]) {
    const verdict = await autoReview(turn, subject, never);
    if (verdict.allowed) return t.fail('it was denied');
    t.match(verdict.text, /Reason: no\nThe agent must not attempt to get the same result by other means/);
    const before = told.length;
    verdict.settle();
    t.match(
      told.slice(before),
      last
        ? [
            {
              method: 'guardianWarning',
              params: {
                message:
                  'Automatic approval review rejected too many approval requests for this turn (3 consecutive, 3 in the last 50 reviews); interrupting the turn.',
              },
            },
            { method: 'cancelTurn' },
          ]
        : [],
    );
  }
});
