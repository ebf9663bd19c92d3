import t from 'tap';
import { createOpenRequests } from '../../../../server/sessions/mcp/connection/open-requests.js';

const isOver = (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([work.then(() => true), new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);

t.test('all of them are over when each has its answer, or is forgotten', async (t) => {
  const open = createOpenRequests();
  t.equal(await isOver(open.all()), true);
  open.sent(1);
  open.sent('two');
  const all = open.all();
  open.answered(1);
  open.answered(99);
  t.equal(await isOver(all), false);
  open.sent(3);
  open.answered('two');
  t.equal(await isOver(all), true, 'what is sent later does not count');
  const rest = open.all();
  t.equal(await isOver(rest), false);
  open.forget();
  t.equal(await isOver(rest), true);
});
