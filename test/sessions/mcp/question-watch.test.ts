import t from 'tap';
import { questionWatch } from '../../../server/sessions/mcp/question-watch.js';
import type { ServerReply } from '../../../server/sessions/mcp/shape/connection.js';

t.test('watchers receive the first question and the end of the last', async (t) => {
  const answers: ((reply: ServerReply) => void)[] = [];
  const questions = questionWatch(() => new Promise((resolve) => answers.push(resolve)));
  const [early, late]: boolean[][] = [[], []];
  const stop = questions.watch((open) => void early?.push(open));
  const question = { params: {}, signal: new AbortController().signal };
  const asked = [questions.ask(question), questions.ask(question)];
  questions.watch((open) => void late?.push(open));
  answers[0]?.({ action: 'accept' });
  t.same(await asked[0], { action: 'accept' });
  t.same([early, late], [[true], [true]]);
  stop();
  answers[1]?.({ action: 'decline' });
  await asked[1];
  t.same([early, late], [[true], [true, false]]);
});
