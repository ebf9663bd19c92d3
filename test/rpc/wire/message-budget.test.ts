import t from 'tap';
import { createMessageBudget } from '../../../server/rpc/wire/message-budget.js';

t.test('if all unfinished messages are too large together, the connection with the most bytes is closed', async (t) => {
  const budget = createMessageBudget(100);
  const ended: string[] = [];
  const [a, b, c] = ['a', 'b', 'c'].map((name) => budget.open(() => void ended.push(name)));
  a?.received(60);
  b?.received(30);
  t.strictSame(ended, []);
  c?.received(20);
  t.strictSame(ended, ['a'], 'not the one that came last');
  a?.received(1000);
  a?.whole();
  a?.close();
  b?.received(50);
  t.strictSame(ended, ['a'], 'what is ended counts no more');
});

t.test('a complete message and a closed connection release their bytes', async (t) => {
  const budget = createMessageBudget(100);
  const ended: string[] = [];
  const [a, b] = ['a', 'b'].map((name) => budget.open(() => void ended.push(name)));
  for (let i = 0; i < 10; i++) {
    a?.received(90);
    a?.whole();
  }
  a?.received(90);
  a?.close();
  b?.received(90);
  t.strictSame(ended, []);
});
